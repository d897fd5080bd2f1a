/** The kept reports of whoever is signed in, live from the phone's own database; of others only how many wait. */
import { liveQuery } from 'dexie'
import { computed, onScopeDispose, shallowRef } from 'vue'
import { useSession } from '@/session/useSession'
import { db, type Waiting } from './store'

export function useWaiting() {
  const all = shallowRef<Waiting[]>([])
  const { me } = useSession()
  const watching = liveQuery(() => db.waiting.orderBy('writtenAt').reverse().toArray())
    .subscribe(found => (all.value = found))
  onScopeDispose(() => watching.unsubscribe())
  // One without an author comes from an edition that did not note it, and may be anybody's.
  const mine = computed(() => all.value.filter(one => !one.author || one.owner === me.value?.id))
  const others = computed(() => all.value.filter(one => one.author && one.owner !== me.value?.id && one.status !== 'sent').length)
  return { reports: mine, others }
}
