/** Short messages at the top of the page, where no form is; each leaves by itself. */
import { ref } from 'vue'

export interface Toast { id: number, words: string, kind: 'done' | 'error', action?: { words: string, act: () => void } }

export const toasts = ref<Toast[]>([])
const DONE_MS = 4_000
const LONG_MS = 8_000
let last = 0

/** Say something; with an action, for instance to undo, it stays longer. */
export function toast(words: string, kind: Toast['kind'] = 'done', action?: Toast['action']): void {
  const id = ++last
  toasts.value = [...toasts.value, { id, words, kind, action }]
  setTimeout(() => dismiss(id), action || kind === 'error' ? LONG_MS : DONE_MS)
}

export function dismiss(id: number): void {
  toasts.value = toasts.value.filter(one => one.id !== id)
}
