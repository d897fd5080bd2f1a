/** A write that is pressed twice is done once: what is under way is not sent again, what was lost is met again. */
import { newKey } from './keys'

const underWay = new Map<string, Promise<Response>>()

/** What a request says, if saying it twice is a slip: reading is not, and a file has a place of its own each time. */
async function said(input: Request): Promise<string | null> {
  if (input.method === 'GET' || input.method === 'HEAD')
    return null
  const kind = input.headers.get('Content-Type')
  if (kind && !kind.startsWith('application/json'))
    return null
  return `${input.method} ${input.url}\n${await input.clone().text()}`
}

/** Send a request; while the same write is under way, its answer is waited for instead. */
export async function once(input: Request, send: (input: Request) => Promise<Response>): Promise<Response> {
  const words = await said(input)
  if (words === null)
    return await send(input)
  let answer = underWay.get(words)
  if (!answer) {
    answer = send(input).finally(() => underWay.delete(words))
    underWay.set(words, answer)
  }
  return (await answer).clone()
}

/**
 * Keys of writes that belong to what they say: the same words get the same key until they were answered, so that
 * pressing again after a lost answer meets the first one; other words get another key.
 */
export function keyring(): { of: (words: unknown) => string, done: () => void } {
  const keys = new Map<string, string>()
  return {
    of(words) {
      const text = JSON.stringify(words)
      const key = keys.get(text) ?? newKey()
      keys.set(text, key)
      return key
    },
    done: () => keys.clear(),
  }
}
