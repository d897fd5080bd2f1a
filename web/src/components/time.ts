/** Times as people say them; the exact time is for the tooltip. */
import { language } from '@/i18n'
import { dayOf, zone } from '@/zone'

type Say = (key: string, values?: Record<string, unknown>) => string

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** A length of time in its two largest units: "2 天 3 小时". */
export function span(ms: number, t: Say): string {
  if (ms >= DAY) {
    const hours = Math.floor((ms % DAY) / HOUR)
    const days = t('time.days', { n: Math.floor(ms / DAY) })
    return hours ? `${days} ${t('time.hours', { n: hours })}` : days
  }
  if (ms >= HOUR) {
    const minutes = Math.floor((ms % HOUR) / MINUTE)
    const hours = t('time.hours', { n: Math.floor(ms / HOUR) })
    return minutes ? `${hours} ${t('time.minutes', { n: minutes })}` : hours
  }
  return t('time.minutes', { n: Math.max(1, Math.floor(ms / MINUTE)) })
}

/** A length of working time: whole days as working days, the rest as hours. */
export function workingSpan(seconds: number, daySeconds: number, t: Say): string {
  const days = Math.floor(seconds / daySeconds)
  const rest = seconds - days * daySeconds
  if (!days)
    return t('time.working', { words: span(rest * 1000, t) })
  const whole = t('time.workdays', { n: days })
  return rest >= 3600 ? `${whole} ${t('time.hours', { n: Math.floor(rest / 3600) })}` : whole
}

// Further ahead a weekday alone would be the wrong week's for some readers.
const WEEKDAY_WITHIN = 6

/** "今天 14:05", "昨天 09:10", "明天 17:00", "周三 17:00", "11月18日 08:30". */
export function said(iso: string, t: Say, now = new Date()): string {
  const then = new Date(iso)
  const clock = then.toLocaleTimeString(language(), { timeZone: zone(), hour: '2-digit', minute: '2-digit', hour12: false })
  return `${saidDay(then, t, now)} ${clock}`
}

/** A day as people say it, by the city's calendar; `day` is a moment, or a date such as 2026-11-30. */
export function saidDay(day: Date | string, t: Say, now = new Date()): string {
  const [today, wanted] = [dayOf(now), typeof day === 'string' ? day : dayOf(day)]
  const ahead = Math.round((noon(wanted).getTime() - noon(today).getTime()) / DAY)
  const near = { [-1]: 'time.yesterday', 0: 'time.today', 1: 'time.tomorrow' }[ahead]
  if (near)
    return t(near)
  if (ahead > 1 && ahead <= WEEKDAY_WITHIN)
    return noon(wanted).toLocaleDateString(language(), { timeZone: 'UTC', weekday: 'short' })
  return noon(wanted).toLocaleDateString(language(), {
    timeZone: 'UTC',
    year: wanted.slice(0, 4) === today.slice(0, 4) ? undefined : 'numeric',
    month: 'short',
    day: 'numeric',
  })
}

/** A month as people say it, by one of its days: "2026年11月", or "十一月" where the year stands beside it. */
export function saidMonth(day: string, withYear = true): string {
  return noon(day).toLocaleDateString(language(), { timeZone: 'UTC', year: withYear ? 'numeric' : undefined, month: 'long' })
}

function noon(day: string): Date {
  return new Date(`${day}T12:00:00Z`)
}

export function exactly(iso: string): string {
  return new Date(iso).toLocaleString(language(), { timeZone: zone(), hour12: false })
}
