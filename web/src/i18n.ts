/** Chinese first, English second; all strings stand in `locales/`. */
import { createI18n } from 'vue-i18n'
import en from './locales/en.json'
import zhCN from './locales/zh-CN.json'

export const LANGUAGES = ['zh-CN', 'en'] as const
export type Language = (typeof LANGUAGES)[number]

const KEY = 'onemap.language'

function preferred(): Language {
  const kept = localStorage.getItem(KEY)
  return kept === 'en' ? 'en' : 'zh-CN'
}

export const i18n = createI18n({
  legacy: false,
  locale: preferred(),
  fallbackLocale: 'zh-CN',
  messages: { 'zh-CN': zhCN, en },
})

export function language(): Language {
  return i18n.global.locale.value as Language
}

export function speak(next: Language): void {
  i18n.global.locale.value = next
  document.documentElement.lang = next
  localStorage.setItem(KEY, next)
}

document.documentElement.lang = preferred()
