/**
 * The one selection that list and map share: what a queue and the filters in the address ask the API for.
 */
import type { LocationQuery } from 'vue-router'
import type { paths } from '@/api/types'
import { GROUPS, STATES, type State } from '@/map/states'

export interface Queue { states?: State[], assigned?: boolean, offered?: boolean, asked?: 'any', sampled?: boolean, helping?: boolean, placeless?: boolean }

export const QUEUES: Record<string, Queue> = {
  judging: { states: GROUPS.waiting },
  requests: { asked: 'any' },
  suspended: { states: ['suspended'] },
  samples: { sampled: true },
  placeless: { placeless: true },
  dispatch: { states: ['filed'] },
  checking: { states: ['feedback', 'rechecking', 'following_up'] },
  pool: { states: ['dispatched'], offered: true },
  tasks: { states: ['dispatched', 'handling'], assigned: true },
  helping: { states: ['dispatched', 'handling'], helping: true },
}

/** What else a list may be narrowed to, one at a time: whoever helps is late, a level above presses. */
export const MARKS = ['helpers_late', 'supervised'] as const

export interface Filters {
  /** A state, `all`, or a group of states; empty: the queue's own, and without a queue whatever is open. */
  state: string
  area: string
  category: string
  number: string
  late: boolean
  mark: string
  mine: boolean
  /** `false`: without the cases that only people named in them see, as the board's lists. */
  restricted?: string
  /** Ended from this moment on, and before that one. */
  since?: string
  before?: string
}

const NAMED = ['state', 'area', 'category', 'number', 'mark', 'restricted', 'since', 'before'] as const

/** What an address asks for. */
export function filtersOf(query: LocationQuery): Filters {
  const one = (name: string): string => {
    const value = query[name]
    return typeof value === 'string' ? value : ''
  }
  const words = Object.fromEntries(NAMED.map(name => [name, one(name)])) as Record<typeof NAMED[number], string>
  return { ...words, late: one('late') === '1', mine: one('mine') === '1' }
}

/** The address of the list that the API's own query asks for, such as that of a figure of the board. */
export function addressOf(query: Record<string, string[]>): Record<string, string> {
  const { area, state, restricted, overdue, closed_since: since, closed_before: before, ...others } = query
  const group = Object.entries(GROUPS).find(([, held]) => state && held.length === state.length && held.every(one => state.includes(one)))
  const mark = MARKS.find(one => others[one])
  return Object.fromEntries(Object.entries({
    area: area?.[0], state: state ? group?.[0] ?? state.join(',') : 'all', restricted: restricted?.[0],
    late: overdue ? '1' : undefined, since: since?.[0], before: before?.[0], mark,
  }).filter((one): one is [string, string] => one[1] !== undefined))
}

export type Selection = NonNullable<paths['/api/events/points']['get']['parameters']['query']>

const isGroup = (name: string): name is keyof typeof GROUPS => name in GROUPS

function states(filters: Filters, queue: Queue | undefined): State[] | undefined {
  if (!filters.state)
    return queue?.states
  if (filters.state === 'all')
    return undefined
  return isGroup(filters.state) ? GROUPS[filters.state] : filters.state.split(',') as State[]
}

/** What is asked for. */
export function selection(filters: Filters, queue?: Queue): Selection {
  return {
    state: states(filters, queue),
    assigned: queue?.assigned,
    offered: queue?.offered,
    asked: queue?.asked,
    sampled: queue?.sampled,
    helping: queue?.helping,
    placeless: queue?.placeless,
    // A number is looked for among all, also those that are over.
    open_only: !filters.state && !queue && !filters.number ? true : undefined,
    area: filters.area || undefined,
    category: filters.category || undefined,
    number: filters.number || undefined,
    overdue: filters.late || undefined,
    restricted: filters.restricted ? filters.restricted === 'true' : undefined,
    closed_since: filters.since || undefined,
    closed_before: filters.before || undefined,
    ...Object.fromEntries(MARKS.map(mark => [mark, filters.mark === mark || undefined])),
    handled_by_me: (queue?.assigned && filters.mine) || undefined,
  }
}

/** Whether this is everything that is open in one's place, which the map has as tiles. */
export function isEverythingOpen(asked: Selection): boolean {
  return Object.entries(asked).every(([name, value]) => name === 'open_only' ? value : value === undefined)
}

/** The states that may be chosen: of a queue its own, elsewhere all. */
export function choices(queue?: Queue): State[] {
  return queue?.states ?? STATES
}
