/** Sends what waits: when the network comes back, when the page is looked at, and every quarter minute. One tab at a time. */
import { client, got, sendPhoto } from '@/api/client'
import { useSession } from '@/session/useSession'
import { sendAll, type Carrier } from './queue'
import { shelf, type Author } from './store'

const RETRY_MS = 15_000
// A line that is up and silent must not hold the others back.
const REPORT_MS = 60_000
const PHOTO_MS = 180_000

const WRITTEN_BY = 'OneMap-Written-By'
const name = (author: Author): Record<string, string> => ({ [WRITTEN_BY]: `${author.account}/${author.post}` })

const carrier: Carrier = {
  photo: async (file, author) => (await sendPhoto(file, name(author), AbortSignal.timeout(PHOTO_MS))).id,
  report: (body, author) => got(client.POST('/api/events', { body, headers: name(author), signal: AbortSignal.timeout(REPORT_MS) })),
  online: () => navigator.onLine,
  now: () => Date.now(),
}

const { me } = useSession()

/** Send what the person at this phone wrote; with `hurry` also what was to be tried later. */
export async function sendWaiting(hurry = false): Promise<void> {
  const run = async (): Promise<void> => {
    if (me.value)
      await sendAll({ account: me.value.id, post: me.value.post.id }, shelf, carrier, hurry)
  }
  if (navigator.locks)
    await navigator.locks.request('onemap-sender', { ifAvailable: true }, lock => (lock ? run() : undefined))
  else
    await run()
}

export function keepSending(): () => void {
  const soon = (hurry = false): void => void sendWaiting(hurry).catch(() => undefined)
  const back = (): void => soon(true)
  const looked = (): void => (document.visibilityState === 'visible' ? soon() : undefined)
  window.addEventListener('online', back)
  document.addEventListener('visibilitychange', looked)
  const timer = setInterval(soon, RETRY_MS)
  soon()
  return () => {
    window.removeEventListener('online', back)
    document.removeEventListener('visibilitychange', looked)
    clearInterval(timer)
  }
}
