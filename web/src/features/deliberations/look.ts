/** How the states of a village deliberation look; shape and word carry them, colour only helps. */
import type { Schemas } from '@/api/client'
import { language } from '@/i18n'

export type Deliberation = Schemas['DeliberationOut']
export type Step = Deliberation['open_steps'][number]
export type DeliberationState = Deliberation['state']

export const DELIBERATION_LOOK: Record<DeliberationState, { shape: string, colour: string }> = {
  proposing: { shape: '✎', colour: 'var(--state-reported)' },
  meeting: { shape: '◉', colour: 'var(--accent)' },
  reviewing: { shape: '◇', colour: 'var(--state-judging)' },
  on_notice: { shape: '▤', colour: 'var(--state-handling)' },
  carrying_out: { shape: '▶', colour: 'var(--accent)' },
  result: { shape: '▤', colour: 'var(--state-handling)' },
  done: { shape: '✓', colour: 'var(--state-closed)' },
  withdrawn: { shape: '✕', colour: 'var(--state-ended)' },
}

export const nameOf = (one: { zh: string, en: string }): string => (language() === 'en' ? one.en : one.zh)
