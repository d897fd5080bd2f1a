import { describe, expect, it } from 'vitest'
import { STATES } from '@/map/states'
import { addressOf, choices, filtersOf, isEverythingOpen, QUEUES, selection, type Filters } from './selecting'

const NONE: Filters = { state: '', area: '', category: '', number: '', late: false, mark: '', mine: false }
const asked = (change: Partial<Filters>, queue?: string): object =>
  Object.fromEntries(Object.entries(selection({ ...NONE, ...change }, queue ? QUEUES[queue] : undefined)).filter(([, value]) => value !== undefined))

describe('the selection', () => {
  it('without filters is what is open', () => expect(asked({})).toEqual({ open_only: true }))
  it('of all states asks for all states', () => expect(asked({ state: 'all', area: '350302' })).toEqual({ area: '350302' }))
  it('of a number looks among all', () => expect(asked({ number: 'E1' })).toEqual({ number: 'E1' }))
  it('of a queue is the queue\'s', () => expect(asked({}, 'dispatch')).toEqual({ state: ['filed'] }))
  it('of a board\'s number is its states', () => {
    expect(asked({ state: 'waiting' })).toEqual({ state: ['reported', 'verifying', 'judging'] })
    expect(asked({ state: 'done' })).toEqual({ state: ['closed', 'self_resolved'] })
  })

  it('of my own counts only where there are tasks', () => {
    expect(asked({ mine: true }, 'tasks')).toEqual({ state: ['dispatched', 'handling'], assigned: true, handled_by_me: true })
    expect(asked({ mine: true })).toEqual({ open_only: true })
  })
})

describe('the map', () => {
  it('draws tiles only for everything that is open', () => expect(isEverythingOpen(selection(NONE))).toBe(true))
  it.each<Partial<Filters>>([{ state: 'all' }, { state: 'filed' }, { area: '350302' }, { category: '0201' }, { number: 'E1' }, { late: true }])(
    'draws the list\'s own points for %o', filters => expect(isEverythingOpen(selection({ ...NONE, ...filters }))).toBe(false))
  it.each(Object.keys(QUEUES))('draws the queue %s itself', queue => expect(isEverythingOpen(selection(NONE, QUEUES[queue]))).toBe(false))
})

it('offers in a queue only the states that it holds', () => {
  expect(choices(QUEUES.tasks)).toEqual(['dispatched', 'handling'])
  expect(choices(QUEUES.requests)).toEqual(STATES)
  expect(choices()).toEqual(STATES)
})

describe('a figure of the board', () => {
  const since = '2026-11-01T00:00:00+08:00'
  const before = '2026-12-01T00:00:00+08:00'
  it.each<Record<string, string[]>>([
    {},
    { state: ['judging', 'reported', 'verifying'] },
    { state: ['closed', 'self_resolved'] },
    { state: ['merged', 'rejected', 'transferred', 'void'] },
    { state: ['filed', 'closed'] },
    { overdue: ['true'] },
    { helpers_late: ['true'] },
    { supervised: ['true'] },
    { state: ['closed', 'self_resolved'], closed_since: [since], closed_before: [before] },
  ])('leads to the list that it counts: %o', (more) => {
    const query = { area: ['359902001'], restricted: ['false'], ...more }
    const filters = filtersOf(addressOf(query))
    const found = Object.entries(selection(filters)).filter(([, value]) => value !== undefined)
    expect(Object.fromEntries(found.map(([name, value]) => [name, [value].flat().map(String).sort()])))
      .toEqual(Object.fromEntries(Object.entries(query).map(([name, value]) => [name, [...value].sort()])))
  })
})
