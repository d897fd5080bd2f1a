/** The report that is being written. */
import { reactive } from 'vue'
import { newKey } from '@/api/client'

/** Photos that are on the server already, by the picture itself. */
export const arrived = new WeakMap<Blob, string>()

export const draft = reactive({
  id: newKey(),
  photos: [] as Blob[],
  category: '',
  text: '',
  answers: {} as Record<string, string>,
  /** Begin a new report with these photos. */
  start(photos: Blob[]): void {
    draft.id = newKey()
    draft.photos = photos
    draft.category = ''
    draft.text = ''
    draft.answers = {}
  },
})
