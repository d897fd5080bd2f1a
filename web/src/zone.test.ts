import { afterEach, describe, expect, it } from 'vitest'
import { said } from './components/time'
import { clockOf, dayOf, daysAfter, momentOf, monthOf, setZone, zone } from './zone'

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
