/** Numbers as the page's language groups them, whatever the device's own language is; and those that people type. */
import { language } from '@/i18n'

export const many = (n: number): string => n.toLocaleString(language())

/** What stands in a field for a number; an empty one, which Vue gives as a word, is none. */
export const given = (typed: number | string | null): number | null => (typeof typed === 'number' && Number.isFinite(typed) ? typed : null)
