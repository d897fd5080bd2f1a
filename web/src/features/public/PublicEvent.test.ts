import { afterEach, expect, it, vi } from 'vitest'
import { createApp, h, nextTick } from 'vue'
import PublicEvent from './PublicEvent.vue'
import { i18n } from '@/i18n'

const EVENT = { id: 'e', state: 'following_up', category: 'Light', timeline: [], steps: [{ action: 'answer_solved', needs: [], extras: [], onward: true, waits_for: null, explains: 'solved' }] }

afterEach(() => {
  vi.unstubAllGlobals()
  document.body.replaceChildren()
})

it('an answer that was lost is sent again under its key; one that is under way is not sent again', async () => {
  const sent: { client_id: string }[] = []
  let answer: (() => void) | null = null
  vi.stubGlobal('fetch', async (input: Request) => {
    if (!input.url.endsWith('/steps'))
      return Response.json(EVENT)
    sent.push((await input.json()).step)
    if (sent.length === 1)
      throw new TypeError('the line is gone')
    await new Promise<void>(resolve => (answer = resolve))
    return Response.json({ ...EVENT, steps: [] })
  })
  const place = document.body.appendChild(document.createElement('div'))
  createApp({ render: () => h(PublicEvent, { number: 'A1', code: 'x' }) }).use(i18n).mount(place)
  place.querySelector('form')!.requestSubmit()
  const press = (): void => place.querySelector<HTMLButtonElement>('.button.main')!.click()
  await vi.waitFor(() => expect(place.querySelector('.button.main')).not.toBeNull())
  press()
  await vi.waitFor(() => expect(place.querySelector('[role=alert]')).not.toBeNull())
  press()
  press()
  await nextTick()
  press()
  await vi.waitFor(() => expect(answer).not.toBeNull())
  answer!()
  await vi.waitFor(() => expect(place.querySelector('.button.main')).toBeNull())
  expect(sent.length).toBe(2)
  expect(sent[1]!.client_id).toBe(sent[0]!.client_id)
})
