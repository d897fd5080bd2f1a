/** The report that is being written. */
import { reactive, toRaw, watch } from 'vue'
import type { Schemas } from '@/api/client'
import { newKey } from '@/api/keys'
import { useSession } from '@/session/useSession'
import type { Waiting } from './store'

/** Photos that are on the server already, by the picture itself. */
export const arrived = new WeakMap<Blob, string>()

export const draft = reactive({
  id: newKey(),
  photos: [] as Blob[],
  category: '',
  text: '',
  answers: {} as Record<string, string>,
  /** A kept report that is being changed; it goes back under its own key. */
  changes: null as Waiting | null,
  position: null as Schemas['PositionIn'] | null,
  /** Begin a new report with these photos. */
  start(photos: Blob[]): void {
    draft.id = newKey()
    draft.photos = photos
    draft.category = ''
    draft.text = ''
    draft.answers = {}
    draft.changes = null
    draft.position = null
  },
  /** Change a report that waits. */
  open(kept: Waiting): void {
    kept.sent.forEach((id, i) => kept.photos[i] && arrived.set(kept.photos[i], id))
    draft.id = kept.id
    draft.photos = [...kept.photos]
    draft.category = kept.body.category
    draft.text = kept.body.text ?? ''
    draft.answers = { ...kept.body.answers }
    draft.changes = kept
    draft.position = kept.body.position ?? null
  },
})

/** The keys of the photos that travelled ahead, as far as they lead the row. */
export function alreadyThere(photos: Blob[]): string[] {
  const ids = photos.map(photo => arrived.get(toRaw(photo)))
  const until = ids.indexOf(undefined)
  return (until < 0 ? ids : ids.slice(0, until)) as string[]
}

// On a shared phone the next person finds an empty sheet.
const { me } = useSession()
watch(() => me.value?.id, () => draft.start([]))
