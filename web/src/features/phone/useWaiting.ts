/** The waiting reports, live from the phone's own database. */
import { liveQuery } from 'dexie'
import { onScopeDispose, shallowRef, type ShallowRef } from 'vue'
import { db, type Waiting } from './store'

export function useWaiting(): Readonly<ShallowRef<Waiting[]>> {
  const reports = shallowRef<Waiting[]>([])
  const watching = liveQuery(() => db.waiting.orderBy('writtenAt').reverse().toArray())
    .subscribe(found => (reports.value = found))
  onScopeDispose(() => watching.unsubscribe())
  return reports
}
