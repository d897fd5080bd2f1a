/**
 * Sends what waits, once each: photos one by one, then the report under its own key. Each arrived
 * photo is noted before the next step, so that a page closed in between goes on where it stopped and
 * the report's body is the same at every try. One tab sends at a time.
 */
import { client, got, Problem, sendPhoto } from '@/api/client'
import { db, type Waiting } from './store'

const RETRY_MS = 15_000

async function sendOne(report: Waiting): Promise<void> {
  try {
    while (report.sent.length < report.photos.length) {
      const { id } = await sendPhoto(report.photos[report.sent.length]!)
      report.sent = [...report.sent, id]
      await db.waiting.update(report.id, { sent: report.sent })
    }
    const receipt = await got(client.POST('/api/events', {
      body: { ...report.body, client_id: report.id, photos: report.sent },
    }))
    // The photos are on the server now; the phone's memory is small.
    await db.waiting.update(report.id, { status: 'sent', receipt, photos: [] })
  }
  catch (error) {
    if (!(error instanceof Problem))
      throw error
    // 401: somebody must sign in again; until then the report waits like without a network.
    if (!error.passing && error.status !== 401)
      await db.waiting.update(report.id, { status: 'refused', refusal: error.message })
    throw error
  }
}

/** Send everything that waits, the oldest first; stops at the first that cannot be sent now. */
export async function sendWaiting(): Promise<void> {
  const run = async (): Promise<void> => {
    const waiting = await db.waiting.where('status').equals('waiting').sortBy('writtenAt')
    for (const report of waiting) {
      try {
        await sendOne(report)
      }
      catch (error) {
        if ((error as Problem).passing || (error as Problem).status === 401)
          return
      }
    }
  }
  if (navigator.locks)
    await navigator.locks.request('onemap-sender', { ifAvailable: true }, lock => (lock ? run() : undefined))
  else
    await run()
}

/** Try now, whenever the network comes back or the page is looked at, and every quarter minute. */
export function keepSending(): () => void {
  const soon = (): void => void sendWaiting().catch(() => undefined)
  const looked = (): void => (document.visibilityState === 'visible' ? soon() : undefined)
  window.addEventListener('online', soon)
  document.addEventListener('visibilitychange', looked)
  const timer = setInterval(soon, RETRY_MS)
  soon()
  return () => {
    window.removeEventListener('online', soon)
    document.removeEventListener('visibilitychange', looked)
    clearInterval(timer)
  }
}
