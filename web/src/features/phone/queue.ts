/**
 * The rules by which waiting reports leave, without a network, a database or a clock of their own.
 *
 * A report leaves only as the account and post that wrote it. It never waits behind another one: what
 * is refused waits for its author, what the server cannot take now is tried again later, alone.
 */
import { Problem } from '@/api/client'
import type { Schemas } from '@/api/client'
import type { Author, Shelf, Waiting } from './store'

/** How reports travel; each is sent in its author's name, and refused when somebody else is signed in. */
export interface Carrier {
  photo: (file: Blob, author: Author) => Promise<string>
  report: (body: Schemas['ReportIn'], author: Author) => Promise<Schemas['Receipt']>
  online: () => boolean
  now: () => number
}

const FIRST_MS = 15_000
const LONGEST_MS = 15 * 60_000
/** What was sent stays to be looked at for this long. */
const KEPT_MS = 14 * 24 * 3600_000

/** How long to wait after the n-th failure that may pass: 15 s, 30 s, 1 min ... 15 min. */
export function pause(tries: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, tries - 1))
}

/** Whether the same report may go through later without anybody changing it. */
export function passes(status: number): boolean {
  return status === 0 || status === 408 || status === 429 || status >= 500
}

/** Whether a photo can still be read: phones throw pictures away when they are short of memory. */
async function readable(photo: Blob): Promise<boolean> {
  return photo.size === 0 ? false : photo.slice(0, 1).arrayBuffer().then(() => true, () => false)
}

type Outcome = 'next' | 'stop'

/** Send one report; whether the others may be tried now. */
async function sendOne(entry: Waiting, author: Author, shelf: Shelf, carrier: Carrier): Promise<Outcome> {
  try {
    let sent = entry.sent
    for (const photo of entry.photos.slice(sent.length)) {
      if (!await readable(photo)) {
        await shelf.update(entry.id, { status: 'refused', why: 'photoLost', words: undefined })
        return 'next'
      }
      sent = [...sent, await carrier.photo(photo, author)]
      // Noted before the next one: a page that is closed in between goes on where it stopped.
      await shelf.update(entry.id, { sent })
    }
    const receipt = await carrier.report({ ...entry.body, client_id: entry.id, photos: sent }, author)
    // The photos are on the server now; the phone's memory is small.
    await shelf.update(entry.id, { status: 'sent', receipt, photos: [], why: undefined, words: undefined })
    return 'next'
  }
  catch (error) {
    if (!(error instanceof Problem))
      throw error
    return await failed(entry, error, shelf, carrier)
  }
}

async function failed(entry: Waiting, problem: Problem, shelf: Shelf, carrier: Carrier): Promise<Outcome> {
  if (problem.status === 401 || problem.code === 'written_by_somebody_else') {
    await shelf.update(entry.id, { why: 'signIn', words: undefined })
    return 'stop'
  }
  if (problem.code === 'photo_not_yours' && entry.sent.length && entry.photos.length && !entry.tries) {
    // It waited for longer than the server keeps photos without a report: they travel once more.
    await shelf.update(entry.id, { sent: [], tries: 1, retryAt: carrier.now() })
    return 'next'
  }
  if (!passes(problem.status)) {
    await shelf.update(entry.id, { status: 'refused', why: 'refused', words: problem.message })
    return 'next'
  }
  if (problem.status === 0 && !carrier.online()) {
    await shelf.update(entry.id, { why: 'network', words: undefined })
    return 'stop'
  }
  const tries = entry.tries + 1
  await shelf.update(entry.id, {
    tries,
    retryAt: carrier.now() + pause(tries),
    why: problem.status === 0 ? 'network' : 'busy',
    words: problem.status === 0 ? undefined : problem.message,
  })
  return 'next'
}

/**
 * Send what this account wrote in this post and what is due, the oldest first.
 *
 * @param who - who is signed in now
 * @param hurry - try also what was to be tried later, because somebody asked or the network is back
 */
export async function sendAll(who: { account: string, post: string }, shelf: Shelf, carrier: Carrier, hurry = false): Promise<void> {
  await shelf.forget(new Date(carrier.now() - KEPT_MS).toISOString())
  for (const { id } of await shelf.waiting(who.account)) {
    // Read afresh: while an earlier one travelled its author may have changed or removed this one.
    const entry = await shelf.get(id)
    if (entry?.status !== 'waiting' || entry.author?.account !== who.account || entry.author.post !== who.post)
      continue
    if (!hurry && entry.retryAt > carrier.now())
      continue
    if (await sendOne(entry, entry.author, shelf, carrier) === 'stop')
      return
  }
}
