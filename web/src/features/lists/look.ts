/** How an item looks everywhere: colour, shape and word (the word stands in the locales). */
import type { Schemas } from '@/api/client'

export type Line = Schemas['ItemLine']
export type ItemOut = Schemas['ItemOut']
export type ItemState = Line['state']
export type Kind = Line['kind']

export const KINDS: Kind[] = ['problem', 'development', 'task']

export const ITEM_LOOK: Record<ItemState, { colour: string, shape: string }> = {
  proposed: { colour: 'var(--state-reported)', shape: '○' },
  confirmed: { colour: 'var(--state-judging)', shape: '◇' },
  claimed: { colour: 'var(--state-working)', shape: '▷' },
  in_progress: { colour: 'var(--state-handling)', shape: '◐' },
  blocked: { colour: 'var(--late)', shape: '▲' },
  achieved: { colour: 'var(--state-closed)', shape: '✓' },
  abandoned: { colour: 'var(--state-ended)', shape: '×' },
  carried_over: { colour: 'var(--state-suspended)', shape: '↪' },
}

// The columns of the board, in the order of the work.
export const COLUMNS: { name: string, states: ItemState[] }[] = [
  { name: 'waiting', states: ['proposed', 'confirmed'] },
  { name: 'claimed', states: ['claimed'] },
  { name: 'doing', states: ['in_progress', 'blocked'] },
  { name: 'ended', states: ['achieved', 'abandoned', 'carried_over'] },
]
