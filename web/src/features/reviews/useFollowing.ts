/** What one screen of a running meeting shows: the presenter's point and map, until its owner lets go of them. */
import { computed, ref, watch } from 'vue'
import type { Entry, View } from './useReview'
import type { useReview } from './useReview'
import { client, got } from '@/api/client'
import { useSession } from '@/session/useSession'

const TELL_MS = 250
const CLOSE_ZOOM = 16

export function useFollowing({ review, entry, view, load, attempt }: ReturnType<typeof useReview>) {
  const { me } = useSession()
  const own = ref('')
  const follows = ref(true)

  const theirs = (): View | null => (view.value ?? review.value?.view ?? null) as View | null
  // What I look at: the presenter's point while I follow, or one of my own.
  const shown = computed<Entry | null>(() => review.value?.entries.find(one => one.id === (follows.value ? '' : own.value)) ?? entry.value ?? review.value?.entries[0] ?? null)

  // Where my map goes: with the presenter, or to the point that is shown.
  const goes = ref<View | null>(null)
  watch([() => shown.value?.id, () => review.value?.view, view], () => {
    const at = theirs()
    if (follows.value && at && at.by !== me.value?.id && !review.value?.presents)
      goes.value = { lon: at.lon, lat: at.lat, zoom: at.zoom }
  })
  watch(() => shown.value?.id, () => {
    const at = shown.value
    if (at?.lon != null && at.lat != null && (review.value?.presents || !follows.value || !review.value?.view))
      goes.value = { lon: at.lon, lat: at.lat, zoom: CLOSE_ZOOM }
  }, { immediate: true })

  let told = 0
  function moved(to: View): void {
    const now = review.value
    if (now?.presents && follows.value) {
      clearTimeout(told)
      told = window.setTimeout(() => void client.POST('/api/reviews/{review_id}/view', { params: { path: { review_id: now.id } }, body: { lon: to.lon, lat: to.lat, zoom: to.zoom } }), TELL_MS)
    }
    else if (!now?.presents) {
      letGo()
    }
  }
  function letGo(): void {
    own.value = shown.value?.id ?? ''
    follows.value = false
  }
  function comeBack(): void {
    follows.value = true
    const at = theirs()
    if (at)
      goes.value = { lon: at.lon, lat: at.lat, zoom: at.zoom }
  }

  /** Look at a point; who presents takes everybody there. */
  async function pick(key: string): Promise<void> {
    const now = review.value
    if (now?.presents) {
      follows.value = true
      await attempt(async () => {
        await got(client.POST('/api/reviews/{review_id}/entries/{entry_id}/show', { params: { path: { review_id: now.id, entry_id: key } } }))
      })
      await load()
    }
    else {
      own.value = key
      follows.value = false
    }
  }
  return { shown, follows, goes, moved, letGo, comeBack, pick }
}
