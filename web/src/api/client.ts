/**
 * The API as the generated types describe it; a write that is under way is not sent again. A 401 is met once by refreshing the session; a
 * refusal becomes a `Problem` with a sentence that can be shown as it is.
 */
import createClient from 'openapi-fetch'
import { once } from './once'
import type { components, paths } from './types'
import { language } from '@/i18n'

export type Schemas = components['schemas']

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message)
  }

  /** Whether the same thing may work later without anybody changing it. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500
  }
}

const WORDS_OFFLINE = { 'zh-CN': '没有网络，内容已保留。', en: 'No network; nothing was lost.' }

let refreshing: Promise<boolean> | null = null

async function refreshed(): Promise<boolean> {
  refreshing ??= fetch('/api/auth/refresh', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '{}',
  })
    .then(answer => answer.ok)
    .catch(() => false)
    .finally(() => setTimeout(() => (refreshing = null), 0))
  return refreshing
}

// Where a 401 says something else than that the session is over.
const SIGNING_IN = /\/api\/auth\/(sign-in|refresh|invitation)$/

/** A fetch that survives an expired access token, and turns a lost network into a `Problem`. */
export async function reach(input: Request): Promise<Response> {
  const again = input.clone()
  try {
    const answer = await fetch(input)
    if (answer.status !== 401 || SIGNING_IN.test(new URL(input.url).pathname))
      return answer
    return (await refreshed()) ? await fetch(again) : answer
  }
  catch {
    throw new Problem(0, 'offline', WORDS_OFFLINE[language()])
  }
}

export const client = createClient<paths>({ fetch: input => once(input, reach) })
client.use({
  onRequest({ request }) {
    request.headers.set('Accept-Language', language())
    return request
  },
})

interface Answer<T> {
  data?: T
  error?: unknown
  response: Response
}

/** The data of an answer, or its `Problem` thrown. */
export async function got<T>(asked: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await asked
  if (!response.ok)
    throw problemOf(error, response.status)
  return data as T
}

export function problemOf(error: unknown, status: number): Problem {
  const body = (error ?? {}) as { code?: string, title?: string }
  return new Problem(status, body.code ?? 'unknown', body.title ?? `HTTP ${status}`)
}

/** Send one photo; its body is the file itself. */
export async function sendPhoto(file: Blob, headers: Record<string, string> = {}, signal?: AbortSignal): Promise<Schemas['MediaOut']> {
  const answer = await reach(
    new Request('/api/media', {
      method: 'POST',
      body: file,
      headers: { 'Accept-Language': language(), 'Content-Type': 'application/octet-stream', ...headers },
      signal,
    }),
  )
  if (!answer.ok)
    throw problemOf(await answer.json().catch(() => null), answer.status)
  return await answer.json()
}

/** Send one document; its body is the file itself, its name a parameter. */
export async function sendDocument(file: File): Promise<string> {
  const answer = await reach(
    new Request(`/api/media/documents?name=${encodeURIComponent(file.name)}`, {
      method: 'POST',
      body: file,
      headers: { 'Accept-Language': language(), 'Content-Type': 'application/octet-stream' },
    }),
  )
  const body = await answer.json().catch(() => null)
  if (!answer.ok)
    throw problemOf(body, answer.status)
  return (body as { id: string }).id
}

export function photoUrl(id: string, size: 'thumb' | 'full' = 'thumb'): string {
  return `/api/media/${id}/${size}.jpg`
}
