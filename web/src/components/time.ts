/** Times as people say them; the exact time is for the tooltip. */
import { language } from '@/i18n'
import { dayOf, daysAfter, zone } from '@/zone'

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

/** "今天 14:05", "昨天 09:10", "11月18日 08:30". */
export function said(iso: string, t: Say, now = new Date()): string {
  const then = new Date(iso)
  const clock = then.toLocaleTimeString(language(), { timeZone: zone(), hour: '2-digit', minute: '2-digit', hour12: false })
  const [today, day] = [dayOf(now), dayOf(then)]
  if (day === today)
    return `${t('time.today')} ${clock}`
  if (day === daysAfter(today, -1))
    return `${t('time.yesterday')} ${clock}`
  const words = then.toLocaleDateString(language(), {
    timeZone: zone(),
    year: day.slice(0, 4) === today.slice(0, 4) ? undefined : 'numeric',
    month: 'short',
    day: 'numeric',
  })
  return `${words} ${clock}`
}

export function exactly(iso: string): string {
  return new Date(iso).toLocaleString(language(), { timeZone: zone(), hour12: false })
}
