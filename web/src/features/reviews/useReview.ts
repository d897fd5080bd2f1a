/** One meeting, kept up to date by its live feed: the feed says that something happened, the API what is. */
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { client, got, type Problem, type Schemas } from '@/api/client'
import { follow, type Heard } from '@/api/shared'
import { toast } from '@/components/toasts'

export type Review = Schemas['ReviewOut']
export type Entry = Schemas['EntryOut']
export type Case = Schemas['CaseOut']
export type Decision = Schemas['DecisionIn']['decision']
/** Do something with a meeting; true when it went through. */
export type Attempt = (what: () => Promise<Review | undefined | void>) => Promise<boolean>
export interface View { lon: number, lat: number, zoom: number, n?: number, by?: string }

export const DECISIONS: Decision[] = ['on_spot', 'file', 'problem', 'development', 'task', 'merge', 'verify', 'escalate', 'put_off', 'reject']

/** Why a point is on the agenda, as colour; the word stands beside it. */
export const REASON_COLOURS: Record<string, string> = { judging: 'var(--state-judging)', back: 'var(--state-checking)', due: 'var(--late)', hot_spot: 'var(--state-handling)', item: 'var(--state-working)', added: 'var(--state-reported)' }

const over = (review: Review | null): boolean => review?.state === 'ended' || review?.state === 'cancelled'

export function useReview(id: string) {
  const review = ref<Review | null>(null)
  const failed = shallowRef<Problem | null>(null)
  const busy = ref(false)
  const connected = ref(false)
  const view = shallowRef<View | null>(null)
  let seq = 0
  let feed: { close: () => void } | null = null
  let again = 0
  let asked = 0
  // The feed beats every ten seconds; a line that is silent for longer is dead, whatever it says.
  const SILENT_MS = 25_000
  // A feed that does not open is tried again more and more rarely: there may be no room for it.
  const PAUSE_MS = 1_500
  let pause = PAUSE_MS
  let heard = Date.now()

  const entry = computed(() => review.value?.entries.find(one => one.id === review.value?.entry_id) ?? null)

  function keep(next: Review): void {
    // Answers may overtake each other: the record's number says which is newer.
    if (review.value && next.seq < review.value.seq)
      return
    review.value = next
    seq = Math.max(seq, next.seq)
  }

  async function load(): Promise<void> {
    const mine = ++asked
    try {
      const next = await got(client.GET('/api/reviews/{review_id}', { params: { path: { review_id: id } } }))
      if (mine === asked)
        keep(next)
      failed.value = null
    }
    catch (error) {
      if (!review.value)
        failed.value = error as Problem
    }
  }

  function listen(): void {
    feed?.close()
    heard = Date.now()
    feed = follow(`onemap.review.${id}`, () => `/api/reviews/${id}/live?after=${seq}`, ['beat', 'line', 'view'], hear, () => {
      heard = Date.now()
      connected.value = true
      pause = PAUSE_MS
    }, () => {
      comeBack(pause)
      pause = Math.min(pause * 2, SILENT_MS)
    })
  }

  function hear({ event, data }: Heard): void {
    heard = Date.now()
    if (event === 'view') {
      view.value = JSON.parse(data)
    }
    else if (event === 'line') {
      seq = Math.max(seq, (JSON.parse(data) as Schemas['LineOut']).seq)
      void load()
    }
    else if (Number(data) > seq) {
      // A tab that was let in late has missed lines that others heard.
      void load()
    }
  }

  /** The network was away, or the stream was old: what was missed comes with the next one. */
  function comeBack(inMs: number): void {
    connected.value = false
    feed?.close()
    clearTimeout(again)
    if (!over(review.value))
      again = window.setTimeout(() => void load().then(listen), inMs)
  }

  const online = (): void => comeBack(0)
  window.addEventListener('online', online)
  const guard = setInterval(() => {
    if (review.value?.state === 'running' && Date.now() - heard > SILENT_MS)
      comeBack(0)
    else if (over(review.value) && Date.parse(review.value?.restore_until ?? '') > Date.now())
      void load()
  }, 5_000)
  // The feed ends with the meeting; one that is taken up again is followed again.
  watch(() => over(review.value), (now, before) => before && !now && comeBack(0))

  /** Do something; what the server refuses is said, and the meeting as it is now is shown. */
  async function attempt(what: () => Promise<Review | undefined | void>): Promise<boolean> {
    if (busy.value)
      return false
    busy.value = true
    try {
      const next = await what()
      if (next)
        keep(next)
      return true
    }
    catch (error) {
      toast((error as Problem).message, 'error')
      await load()
      return false
    }
    finally {
      busy.value = false
    }
  }

  void load().then(() => review.value && !over(review.value) && listen())
  onScopeDispose(() => {
    clearTimeout(again)
    clearInterval(guard)
    window.removeEventListener('online', online)
    feed?.close()
  })
  return { review, entry, view, failed, busy, connected, load, attempt }
}
