/** The city's zone, as the API says it: days, months and clocks are the city's, whatever the screen's own zone is. */
import { shallowRef } from 'vue'

// What is on the page already is said anew once the zone is known.
const city = shallowRef<string>()

/** Keep what the API says; until it has said anything, and for nonsense, it is the screen's own. */
export function setZone(name: string | undefined): void {
  try {
    city.value = name && new Intl.DateTimeFormat('sv-SE', { timeZone: name }) ? name : undefined
  }
  catch {
    city.value = undefined
  }
}

/** The `timeZone` for `Intl`. */
export const zone = (): string | undefined => city.value

/** The city's clock at a moment as a form's field takes it: `2026-11-28T09:05`. */
export function clockOf(at: Date | string): string {
  return new Date(at).toLocaleString('sv-SE', { timeZone: city.value, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' }).replace(' ', 'T')
}
/** The city's day at a moment: `2026-11-28`. */
export const dayOf = (at: Date | string): string => clockOf(at).slice(0, 10)
/** The city's month at a moment: `2026-11`. */
export const monthOf = (at: Date | string): string => clockOf(at).slice(0, 7)

/** The moment at which the city's clock shows `2026-11-28T09:05`; of an hour that comes twice, the first. */
export function momentOf(clock: string): Date {
  const wanted = Date.parse(`${clock.slice(0, 16)}Z`)
  let at = wanted
  // How far the city is from UTC depends on the moment that is looked for: twice is enough.
  for (let n = 0; n < 2; n++)
    at += wanted - Date.parse(`${clockOf(new Date(at))}Z`)
  return new Date(at)
}

/** A day some days after another one, both by name. */
export const daysAfter = (day: string, n: number): string => new Date(Date.parse(`${day}T00:00Z`) + n * 86_400_000).toISOString().slice(0, 10)
/** Which day of the week a day is: 0 is Monday. */
export const weekdayOf = (day: string): number => (new Date(`${day}T00:00Z`).getUTCDay() + 6) % 7

/** The days of a month; months count on from that of the year 0, so that any number of them can be added. */
export function daysOf(month: number): string[] {
  const first = (n: number): string => `${String(Math.floor(n / 12)).padStart(4, '0')}-${String(n % 12 + 1).padStart(2, '0')}-01`
  const days: string[] = []
  for (let day = first(month); day < first(month + 1); day = daysAfter(day, 1))
    days.push(day)
  return days
}
