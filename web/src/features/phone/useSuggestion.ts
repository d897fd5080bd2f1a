/**
 * Where the camera says that a photo was taken, offered when the phone itself does not know well.
 * The photo travels ahead of the report for that; it is not sent again with it.
 */
import { ref, watch, type Ref } from 'vue'
import { arrived, draft } from './draft'
import { sendPhoto } from '@/api/client'

export interface Spot { lon: number, lat: number }

export function useSuggestion(wanted: Ref<boolean>) {
  const suggestion = ref<Spot | null>(null)

  async function ask(): Promise<void> {
    for (const photo of draft.photos) {
      if (!wanted.value || suggestion.value || !navigator.onLine)
        return
      if (arrived.has(photo))
        continue
      const { id, suggested_position: spot } = await sendPhoto(photo)
      arrived.set(photo, id)
      if (spot)
        suggestion.value = { lon: spot.lon!, lat: spot.lat! }
    }
  }

  // A photo that cannot be sent now goes with the report, and nothing is offered.
  watch([wanted, () => draft.photos], () => void ask().catch(() => undefined), { immediate: true })
  return suggestion
}
