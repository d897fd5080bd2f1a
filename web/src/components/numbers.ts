/** Numbers as the page's language groups them, whatever the device's own language is. */
import { language } from '@/i18n'

export const many = (n: number): string => n.toLocaleString(language())
