/** How a state looks everywhere: colour, shape and word (the word stands in the locales). */
import type { Schemas } from '@/api/client'
import { paint } from './colours'

export type State = Schemas['EventLine']['state']

interface Look { colour: string, shape: string }

const REPORTED = { colour: 'var(--state-reported)', shape: '○' }
const WORKING = { colour: 'var(--state-working)', shape: '▷' }
const CHECKING = { colour: 'var(--state-checking)', shape: '◔' }
const DONE = { colour: 'var(--state-closed)', shape: '✓' }
const ENDED = { colour: 'var(--state-ended)', shape: '×' }

export const LOOK: Record<State, Look> = {
  reported: REPORTED,
  verifying: REPORTED,
  judging: { colour: 'var(--state-judging)', shape: '◇' },
  filed: WORKING,
  dispatched: WORKING,
  handling: { colour: 'var(--state-handling)', shape: '◐' },
  suspended: { colour: 'var(--state-suspended)', shape: '‖' },
  feedback: CHECKING,
  rechecking: CHECKING,
  following_up: CHECKING,
  closed: DONE,
  self_resolved: DONE,
  rejected: ENDED,
  void: ENDED,
  merged: ENDED,
  transferred: ENDED,
}

export const STATES = Object.keys(LOOK) as State[]

/** States that are asked for together, as the leaders' board counts them (`backend/insight/indicators`). */
export const GROUPS: Record<'waiting' | 'working' | 'done' | 'left_out', State[]> = {
  waiting: ['reported', 'verifying', 'judging'],
  working: ['filed', 'dispatched', 'handling', 'suspended', 'feedback', 'rechecking', 'following_up'],
  done: ['closed', 'self_resolved'],
  left_out: ['rejected', 'void', 'merged', 'transferred'],
}
export const LATE = 'var(--late)'

/** A MapLibre expression that chooses by the feature's `state`. */
export function byState(part: keyof Look, otherwise: string): unknown[] {
  return ['match', ['get', 'state'], ...STATES.flatMap(state => [state, paint(LOOK[state][part])]), paint(otherwise)]
}
