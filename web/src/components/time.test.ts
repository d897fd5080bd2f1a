import { describe, expect, it } from 'vitest'
import { said, saidDay, span } from './time'

const t = (key: string, values?: Record<string, unknown>): string => {
  const words: Record<string, string> = {
    'time.days': `${values?.n}天`, 'time.hours': `${values?.n}小时`, 'time.minutes': `${values?.n}分`,
    'time.today': '今天', 'time.tomorrow': '明天', 'time.yesterday': '昨天',
  }
  return words[key]!
}
const MINUTE = 60_000

describe('span', () => {
  it.each([
    [20 * 1000, '1分'],
    [59 * MINUTE, '59分'],
    [60 * MINUTE, '1小时'],
    [200 * MINUTE, '3小时 20分'],
    [24 * 60 * MINUTE, '1天'],
    [(2 * 24 + 3) * 60 * MINUTE + 5 * MINUTE, '2天 3小时'],
  ])('%i ms is said as %s', (ms, words) => expect(span(ms, t)).toBe(words))
})

describe('said', () => {
  const now = new Date(2026, 10, 20, 0, 10)
  it('calls this day today', () => expect(said(new Date(2026, 10, 20, 0, 5).toISOString(), t, now)).toBe('今天 00:05'))
  it('calls ten minutes ago yesterday when midnight lies between', () =>
    expect(said(new Date(2026, 10, 19, 23, 59).toISOString(), t, now)).toBe('昨天 23:59'))
  it('names other days', () => expect(said(new Date(2026, 10, 1, 8, 30).toISOString(), t, now)).toMatch(/11月1日 08:30/))
  it('says what is ahead as people say deadlines', () => {
    expect(said(new Date(2026, 10, 21, 17, 0).toISOString(), t, now)).toBe('明天 17:00')
    expect(said(new Date(2026, 10, 25, 17, 0).toISOString(), t, now)).toBe('周三 17:00')
    expect(said(new Date(2026, 10, 30, 17, 0).toISOString(), t, now)).toMatch(/11月30日 17:00/)
  })
  it('says a date of the calendar the same in every zone', () => expect(saidDay('2026-11-21', t, now)).toBe('明天'))
  it('adds the year when it is another', () => expect(said(new Date(2025, 0, 2, 8, 30).toISOString(), t, now)).toMatch(/2025/))
})
