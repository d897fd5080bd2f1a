/** What the phone keeps: reports that wait for a network with their photos, and the categories. */
import Dexie, { type EntityTable } from 'dexie'
import type { Schemas } from '@/api/client'

export interface Waiting {
  /** The client's key: the same report sent twice is one report. */
  id: string
  /** Everything of the report but its photos. */
  body: Omit<Schemas['ReportIn'], 'photos' | 'client_id'>
  photos: Blob[]
  /** Ids of the photos that have arrived, in order. */
  sent: string[]
  status: 'waiting' | 'sent' | 'refused'
  category: string
  writtenAt: string
  receipt?: Schemas['Receipt']
  refusal?: string
}

export const db = new Dexie('onemap') as Dexie & {
  waiting: EntityTable<Waiting, 'id'>
  kept: EntityTable<{ key: string, value: unknown }, 'key'>
}
db.version(1).stores({ waiting: 'id, status, writtenAt', kept: 'key' })
