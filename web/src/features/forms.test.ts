import { expect, it } from 'vitest'
import process from '../locales/zh-CN.json'

const sources = import.meta.glob('./**/*.{vue,ts}', { query: '?raw', import: 'default', eager: true }) as Record<string, string>
// Words that are also something else on screens: the name of a field, a list, a request, or what a meeting decides.
const COMMON = ['file', 'close', 'start', 'progress', 'block', 'object', 'comment', 'submit', 'claim', 'skip', 'hold', 'finish', 'revise', 'propose', 'publish', 'offer', 'void', 'merge', 'reject', 'restrict', 'raise', 'supervise', 'put_off', 'rework', 'escalate']

it('no page names an action: which steps there are, and what each asks for, is the API\'s answer', () => {
  const actions = Object.keys({ ...process.do, ...process.itemDo, ...process.deliberationDo }).filter(name => !COMMON.includes(name))
  expect(actions.length).toBeGreaterThan(60)
  const named = new RegExp(`'(?:${actions.join('|')})'`)
  const asked = /\baction\)? ?(?:===|!==)|includes\((?:\w+\.)*action\)/
  expect(Object.entries(sources).filter(([file, source]) => !file.includes('.test.') && (named.test(source) || asked.test(source))).map(([file]) => file)).toEqual([])
})
