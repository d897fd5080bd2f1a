/** What the phone keeps: reports that wait for a network with their photos, and the categories. */
import Dexie, { type EntityTable, type UpdateSpec } from 'dexie'
import type { Schemas } from '@/api/client'

/** Who wrote a report, and in which post: it is only ever sent as that one. */
export interface Author { account: string, name: string, post: string, postName: string }

/** Why a report waits, or what it needs. The words are in the locales under `waits`. */
export type Why = 'network' | 'signIn' | 'busy' | 'refused' | 'photoLost' | 'unclaimed' | 'changing'

export interface Waiting {
  /** The client's key: the same report sent twice is one report. */
  id: string
  /** Null: written by an edition that did not note it. It waits until somebody says that it is theirs. */
  author: Author | null
  /** The author's account, for the index; empty without one. */
  owner: string
  /** Everything of the report but its photos. */
  body: Omit<Schemas['ReportIn'], 'photos' | 'client_id'>
  photos: Blob[]
  /** Ids of the photos that have arrived, in order. */
  sent: string[]
  /** `refused`: it will not go by itself, its author must do something. */
  status: 'waiting' | 'sent' | 'refused'
  category: string
  writtenAt: string
  /** How often it failed in a way that passes, and when it is tried again (milliseconds since 1970). */
  tries: number
  retryAt: number
  why?: Why
  /** The server's own sentence about the last try. */
  words?: string
  receipt?: Schemas['Receipt']
}

/** A report as the first edition kept it. */
interface Old extends Omit<Waiting, 'author' | 'owner' | 'tries' | 'retryAt' | 'why' | 'words'> {
  refusal?: string
}

/** An entry of the first edition in today's shape. Nobody knows who wrote it, so nobody's session may send it unasked. */
export function fromOld({ refusal, ...old }: Old): Waiting {
  return {
    ...old,
    author: null,
    owner: '',
    tries: 0,
    retryAt: 0,
    why: old.status === 'sent' ? undefined : old.status === 'refused' ? 'refused' : 'unclaimed',
    words: refusal,
  }
}

export const db = new Dexie('onemap') as Dexie & {
  waiting: EntityTable<Waiting, 'id'>
  kept: EntityTable<{ key: string, value: unknown }, 'key'>
}
db.version(1).stores({ waiting: 'id, status, writtenAt', kept: 'key' })
db.version(2).stores({ waiting: 'id, status, writtenAt, owner', kept: 'key' }).upgrade(change =>
  change.table<Waiting>('waiting').toCollection().modify((entry, place) => {
    place.value = fromOld(entry as unknown as Old)
  }))

/** What the sender needs of the phone's memory. */
export interface Shelf {
  /** Everything that waits and is this account's, the oldest first. */
  waiting: (account: string) => Promise<Waiting[]>
  /** One entry as it stands now; undefined when its author has taken it back. */
  get: (id: string) => Promise<Waiting | undefined>
  update: (id: string, change: Partial<Waiting>) => Promise<void>
  /** Forget what was sent before a moment: the phone is shared and small. */
  forget: (before: string) => Promise<void>
}

export const shelf: Shelf = {
  waiting: account => db.waiting.where('owner').equals(account).and(one => one.status === 'waiting').sortBy('writtenAt'),
  get: id => db.waiting.get(id),
  async update(id, change) {
    await db.waiting.update(id, change as UpdateSpec<Waiting>)
  },
  async forget(before) {
    await db.waiting.where('status').equals('sent').and(one => one.writtenAt < before).delete()
  },
}
