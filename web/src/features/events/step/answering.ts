/** The form of a step is made of questions; each says what it brings and what is still missing. */
import { watchEffect } from 'vue'
import type { EventOut, OpenStep, StepBody } from '../useEvent'

export interface Asked { event: EventOut, step: OpenStep }
/** What a question brings, and what it still lacks, by the keys of the words for it. */
export interface Answer { body: StepBody, missing: string[] }
/** What a question tells the form: its answer; a note that goes with it; that one press has answered everything. */
export interface Tells { answer: [answer: Answer], suggested: [note: string], pressed: [] }

export const needs = (step: OpenStep, what: OpenStep['needs'][number]): boolean => step.needs.includes(what)
export const may = (step: OpenStep, what: OpenStep['extras'][number]): boolean => step.extras.includes(what)

/** The keys of what is lacking. */
export const lacking = (lacks: Record<string, boolean>): string[] => Object.keys(lacks).filter(name => lacks[name])

/** Tell the form what this question brings, now and whenever that changes. */
export function answering(tell: (answer: Answer) => void, answer: () => Answer): void {
  watchEffect(() => tell(answer()))
}
