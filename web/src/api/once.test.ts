import { afterEach, expect, it, vi } from 'vitest'
import { client } from './client'
import { keyring } from './once'

afterEach(() => vi.unstubAllGlobals())

/** A server that answers when it is let; what it was sent. */
function server(): { sent: Request[], answer: (body: unknown, status?: number) => void } {
  const sent: Request[] = []
  let waiting: ((answer: Response) => void)[] = []
  vi.stubGlobal('fetch', (input: Request) => {
    sent.push(input)
    return new Promise<Response>(resolve => waiting.push(resolve))
  })
  return {
    sent,
    answer(body, status = 200) {
      for (const one of waiting)
        one(new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } }))
      waiting = []
    },
  }
}

const name = (name: string) => client.POST('/api/department/teams', { body: { name }, baseUrl: 'http://town' })

it('sends once what is pressed twice, and both presses have the answer', async () => {
  const town = server()
  const presses = [name('Pumps'), name('Pumps')]
  await vi.waitFor(() => expect(town.sent.length).toBeGreaterThan(0))
  await new Promise(resolve => setTimeout(resolve))
  town.answer({ id: 'one' })
  const answers = await Promise.all(presses)
  expect(town.sent.length).toBe(1)
  expect(answers.map(one => one.data)).toEqual([{ id: 'one' }, { id: 'one' }])
})

it('sends what says something else, and what is pressed again after its answer, refusals too', async () => {
  const town = server()
  const presses = [name('Pumps'), name('Lamps')]
  await vi.waitFor(() => expect(town.sent.length).toBe(2))
  town.answer({ code: 'name_taken', title: 'taken' }, 409)
  await Promise.all(presses)
  const again = name('Pumps')
  await vi.waitFor(() => expect(town.sent.length).toBe(3))
  town.answer({ id: 'two' })
  expect((await again).data).toEqual({ id: 'two' })
})

it('reads as often as it is asked', async () => {
  const town = server()
  const reads = [1, 2].map(() => client.GET('/api/department', { baseUrl: 'http://town' }))
  await vi.waitFor(() => expect(town.sent.length).toBe(2))
  town.answer({})
  await Promise.all(reads)
})

it('gives the same words one key until they are answered', () => {
  const keys = keyring()
  const first = keys.of({ action: 'a', note: '' })
  expect(keys.of({ action: 'a', note: '' })).toBe(first)
  expect(keys.of({ action: 'a', note: 'more' })).not.toBe(first)
  keys.done()
  expect(keys.of({ action: 'a', note: '' })).not.toBe(first)
})
