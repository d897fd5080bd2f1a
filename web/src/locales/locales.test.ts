import { describe, expect, it } from 'vitest'
import en from './en.json'
import zhCN from './zh-CN.json'
import { STATES } from '@/map/states'

type Words = Record<string, Record<string, string>>

const flat = (words: Words): Map<string, string> =>
  new Map(Object.entries(words).flatMap(([part, inner]) => Object.entries(inner).map(([key, value]) => [`${part}.${key}`, value] as const)))

const chinese = flat(zhCN)
const english = flat(en)
const sources = import.meta.glob('../**/*.{vue,ts}', { query: '?raw', import: 'default', eager: true }) as Record<string, string>

describe('locales', () => {
  it('say the same things in both languages', () => expect([...english.keys()]).toEqual([...chinese.keys()]))

  it('leave the same gaps', () => {
    const gaps = (value: string): string[] => (value.match(/\{\w+\}/g) ?? []).sort()
    for (const [key, value] of chinese)
      expect(gaps(english.get(key)!), key).toEqual(gaps(value))
  })

  it('have a word for everything that pages say', () => {
    const used = Object.entries(sources)
      .filter(([file]) => !file.includes('.test.'))
      .flatMap(([, source]) => [...source.matchAll(/\bt\(\s*'([\w.]+)'/g)].map(match => match[1]!))
    expect(used.length).toBeGreaterThan(100)
    expect(used.filter(key => !chinese.has(key))).toEqual([])
  })

  it('have words for every state, in lists and for residents', () => {
    for (const state of STATES)
      expect(chinese.has(`state.${state}`) && chinese.has(`means.${state}`), state).toBe(true)
  })

  it('have no Chinese in the pages themselves', () => {
    const outside = Object.entries(sources)
      .filter(([file]) => !file.includes('.test.'))
      .filter(([, source]) => /[\u4E00-\u9FFF]/.test(source.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')))
      .map(([file]) => file)
    // A language names itself in its own words, and the lost network is told before words load.
    const meant = ['../api/client.ts', '../features/account/LanguageSwitch.vue']
    expect(outside.filter(file => !meant.includes(file))).toEqual([])
  })
})
