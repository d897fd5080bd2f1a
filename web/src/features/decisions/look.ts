/** How the states of a village decision look; shape and word carry them, colour only helps. */
import type { Schemas } from '@/api/client'
import { language } from '@/i18n'

export type Decision = Schemas['DeliberationOut']
export type DecisionState = Decision['state']

export const DECISION_LOOK: Record<DecisionState, { shape: string, colour: string }> = {
  proposing: { shape: '✎', colour: '#3f6384' },
  meeting: { shape: '◉', colour: '#0b5c63' },
  reviewing: { shape: '◇', colour: '#6b4f9e' },
  on_notice: { shape: '▤', colour: '#8a5a00' },
  carrying_out: { shape: '▶', colour: '#0b5c63' },
  result: { shape: '▤', colour: '#8a5a00' },
  done: { shape: '✓', colour: '#2a6b3c' },
  withdrawn: { shape: '✕', colour: '#5c666c' },
}

export const nameOf = (one: { zh: string, en: string }): string => (language() === 'en' ? one.en : one.zh)
