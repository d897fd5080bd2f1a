/** How the states of a village decision look; shape and word carry them, colour only helps. */
import type { Schemas } from '@/api/client'
import { language } from '@/i18n'

export type Decision = Schemas['DeliberationOut']
export type DecisionState = Decision['state']

export const DECISION_LOOK: Record<DecisionState, { shape: string, colour: string }> = {
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
