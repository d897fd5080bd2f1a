/** Asking before something that is not taken back easily. One question at a time, answered by a promise. */
import { shallowRef } from 'vue'

export interface Question {
  title: string
  /** What will happen, with numbers; each a sentence. */
  words?: string[]
  /** The short verb on the button that does it. */
  yes: string
  danger?: boolean
}

export const question = shallowRef<(Question & { answer: (sure: boolean) => void }) | null>(null)

/** Ask; true when the person is sure. A question that is replaced by another one counts as no. */
export function ask(asked: Question): Promise<boolean> {
  question.value?.answer(false)
  return new Promise((answer) => {
    question.value = {
      ...asked,
      answer(sure) {
        question.value = null
        answer(sure)
      },
    }
  })
}
