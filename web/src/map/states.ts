/** How a state looks everywhere: colour, shape and word (the word stands in the locales). */
import type { Schemas } from '@/api/client'

export type State = Schemas['EventLine']['state']

interface Look { colour: string, shape: string }

const REPORTED = { colour: '#3f6384', shape: '○' }
const WORKING = { colour: '#1d5fa8', shape: '▷' }
const CHECKING = { colour: '#0f6e7a', shape: '◔' }
const DONE = { colour: '#2a6b3c', shape: '✓' }
const ENDED = { colour: '#5c666c', shape: '×' }

export const LOOK: Record<State, Look> = {
  reported: REPORTED,
  verifying: REPORTED,
  judging: { colour: '#6f4aa8', shape: '◇' },
  filed: WORKING,
  dispatched: WORKING,
  handling: { colour: '#8a5a00', shape: '◐' },
  suspended: { colour: '#4c5a64', shape: '‖' },
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
export const LATE = '#b3261e'

/** A MapLibre expression that chooses by the feature's `state`. */
export function byState(part: keyof Look, otherwise: string): unknown[] {
  return ['match', ['get', 'state'], ...STATES.flatMap(state => [state, LOOK[state][part]]), otherwise]
}
