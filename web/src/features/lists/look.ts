/** How an item looks everywhere: colour, shape and word (the word stands in the locales). */
import type { Schemas } from '@/api/client'

export type Line = Schemas['ItemLine']
export type ItemOut = Schemas['ItemOut']
export type ItemState = Line['state']
export type Kind = Line['kind']

export const KINDS: Kind[] = ['problem', 'development', 'task']

export const ITEM_LOOK: Record<ItemState, { colour: string, shape: string }> = {
  proposed: { colour: '#3f6384', shape: '○' },
  confirmed: { colour: '#6f4aa8', shape: '◇' },
  claimed: { colour: '#1d5fa8', shape: '▷' },
  in_progress: { colour: '#8a5a00', shape: '◐' },
  blocked: { colour: '#b3261e', shape: '▲' },
  achieved: { colour: '#2a6b3c', shape: '✓' },
  abandoned: { colour: '#5c666c', shape: '×' },
  carried_over: { colour: '#4c5a64', shape: '↪' },
}

// The columns of the board, in the order of the work.
export const COLUMNS: { name: string, states: ItemState[] }[] = [
  { name: 'waiting', states: ['proposed', 'confirmed'] },
  { name: 'claimed', states: ['claimed'] },
  { name: 'doing', states: ['in_progress', 'blocked'] },
  { name: 'ended', states: ['achieved', 'abandoned', 'carried_over'] },
]
