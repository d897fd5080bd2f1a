import { expect, it } from 'vitest'
import { Problem } from '@/api/client'
import { closes } from './trouble'

const LOAD = 'https://vuejs.org/error-reference/#runtime-m'
const CLICK = 'https://vuejs.org/error-reference/#runtime-5'

it.each([401, 403, 404])('a page whose loading is refused with %i says so in its place', status =>
  expect(closes(new Problem(status, 'x', 'no'), LOAD)).toBe(true))
it.each([0, 409, 422, 429, 500, 503])('one that meets %i stays, and says what happened', status =>
  expect(closes(new Problem(status, 'x', 'no'), LOAD)).toBe(false))
it('a refused button leaves the page as it is', () => {
  expect(closes(new Problem(403, 'x', 'no'), CLICK)).toBe(false)
  expect(closes(new Problem(403, 'x', 'no'), 'native event handler')).toBe(false)
})
it('a mistake of ours is no refusal', () => expect(closes(new TypeError('x'), LOAD)).toBe(false))
