import { afterEach, expect, it, vi } from 'vitest'
import { createApp, h } from 'vue'
import StepButtons from './StepButtons.vue'
import { i18n } from '@/i18n'

const step = (action: string, onward: boolean, waits_for: string | null = null) => ({ action, onward, waits_for, explains: `explains ${action}` })

afterEach(() => document.body.replaceChildren())

function shown(choose = vi.fn()): HTMLElement {
  const place = document.body.appendChild(document.createElement('div'))
  const steps = [step('likely', true), step('other', true), step('late', true, 'not yet'), step('aside', false), step('never', false, 'no')]
  createApp({ render: () => h(StepButtons, { steps, word: (action: string) => action.toUpperCase(), onChoose: choose }) }).use(i18n).mount(place)
  return place
}

it('puts the likeliest step first and largest, and asides behind one more', () => {
  const place = shown()
  const main = [...place.querySelectorAll('.button.main')].map(one => one.textContent)
  expect(main).toEqual(['LIKELY'])
  expect([...place.querySelectorAll('button')].map(one => one.textContent)).toEqual(['LIKELY', 'OTHER', 'ASIDE'])
  expect(place.querySelector('details')!.open).toBe(false)
  expect(place.querySelector('details button')!.textContent).toBe('ASIDE')
})

it('says for what a step waits, of those that move the thing on', () => {
  const waits = [...shown().querySelectorAll('li')].map(one => one.textContent!.trim())
  expect(waits).toEqual(['LATE：not yet'])
})

it('tells which one was pressed', () => {
  const choose = vi.fn()
  shown(choose).querySelector<HTMLButtonElement>('details button')!.click()
  expect(choose).toHaveBeenCalledWith(expect.objectContaining({ action: 'aside' }))
})
