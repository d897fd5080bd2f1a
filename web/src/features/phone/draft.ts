/** The report that is being written. */
import { reactive } from 'vue'
import { newKey } from '@/api/client'

export const draft = reactive({
  id: newKey(),
  photos: [] as Blob[],
  category: '',
  text: '',
  /** Begin a new report with these photos. */
  start(photos: Blob[]): void {
    draft.id = newKey()
    draft.photos = photos
    draft.category = ''
    draft.text = ''
  },
})
