import { expect, it } from 'vitest'
import { given, many } from './numbers'

it('groups as the page\'s language does', () => expect(many(1234567)).toBe('1,234,567'))
it.each([[12, 12], [0, 0], ['', null], [null, null], [Number.NaN, null]])('takes %j as %j', (typed, meant) => expect(given(typed)).toBe(meant))
