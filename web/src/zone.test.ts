import { afterEach, describe, expect, it } from 'vitest'
import { computed } from 'vue'
import { said } from './components/time'
import { clockOf, dayOf, daysAfter, daysOf, momentOf, monthOf, setZone, weekdayOf, zone } from './zone'

afterEach(() => setZone(undefined))

describe('the city\'s clock', () => {
  it.each([
    ['Asia/Shanghai', '2026-11-30T16:05:00Z', '2026-12-01T00:05'],
    ['America/New_York', '2026-12-01T02:00:00Z', '2026-11-30T21:00'],
    ['Asia/Kolkata', '2026-11-28T18:29:00Z', '2026-11-28T23:59'],
  ])('in %s at %s shows %s, and back', (name, at, shown) => {
    setZone(name)
    expect(clockOf(at)).toBe(shown)
    expect(dayOf(at)).toBe(shown.slice(0, 10))
    expect(monthOf(at)).toBe(shown.slice(0, 7))
    expect(momentOf(shown).getTime()).toBe(Date.parse(at))
  })
  it('goes with a change of the clocks', () => {
    setZone('Europe/Berlin')
    expect(momentOf('2027-03-28T09:00').toISOString()).toBe('2027-03-28T07:00:00.000Z')
    expect(momentOf('2027-03-27T09:00').toISOString()).toBe('2027-03-27T08:00:00.000Z')
  })
  it('is the screen\'s own when the name is nonsense', () => {
    setZone('Middle/Earth')
    expect(zone()).toBeUndefined()
  })
  it('says today by the city\'s day', () => {
    setZone('Asia/Shanghai')
    const t = (key: string): string => key
    expect(said('2026-11-28T18:55:00Z', t, new Date('2026-11-28T19:00:00Z'))).toBe('time.today 02:55')
    expect(said('2026-11-28T15:55:00Z', t, new Date('2026-11-28T19:00:00Z'))).toBe('time.yesterday 23:55')
  })
})

it('counts days over the end of a month', () => expect(daysAfter('2026-11-28', 5)).toBe('2026-12-03'))
it.each([['2026-11-28', 5], ['2026-11-30', 0], ['2024-02-29', 3]])('knows which day of the week %s is', (day, weekday) =>
  expect(weekdayOf(day)).toBe(weekday))
it.each([[2026 * 12 + 10, '2026-11-01', '2026-11-30'], [2024 * 12 + 1, '2024-02-01', '2024-02-29'], [2026 * 12 + 11, '2026-12-01', '2026-12-31']])(
  'knows the days of a month', (month, first, last) => {
    const days = daysOf(month)
    expect([days[0], days.at(-1)]).toEqual([first, last])
    expect(days).toHaveLength(Number(last.slice(8)))
  })

it('is said anew on a page that stood there before the zone was known', () => {
  const shown = computed(() => clockOf('2026-11-28T16:05:00Z'))
  setZone('Asia/Kolkata')
  expect(shown.value).toBe('2026-11-28T21:35')
  setZone('Asia/Shanghai')
  expect(shown.value).toBe('2026-11-29T00:05')
})

it('is asked by every page: none cuts a day out of a moment, and none asks the screen\'s own clock', () => {
  const sources = import.meta.glob('./**/*.{vue,ts}', { query: '?raw', import: 'default', eager: true }) as Record<string, string>
  const own = /\.to(?:Locale(?:Date|Time)?)String\((?!language\(\)\))|\.get(?:Date|Day|Month|FullYear|Hours|Minutes)\(|(?:_at|\.at)\.slice\(/
  const may = ['./zone.ts', './components/time.ts']
  expect(Object.keys(sources).length).toBeGreaterThan(100)
  expect(Object.entries(sources).filter(([file, source]) => !may.includes(file) && !file.includes('.test.') && own.test(source)).map(([file]) => file)).toEqual([])
})
