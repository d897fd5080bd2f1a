/** Short messages at the bottom of the page; each leaves by itself. */
import { ref } from 'vue'

export interface Toast { id: number, words: string, kind: 'done' | 'error' }

export const toasts = ref<Toast[]>([])
let last = 0

export function toast(words: string, kind: Toast['kind'] = 'done'): void {
  const id = ++last
  toasts.value = [...toasts.value, { id, words, kind }]
  setTimeout(() => dismiss(id), kind === 'error' ? 8000 : 4000)
}

export function dismiss(id: number): void {
  toasts.value = toasts.value.filter(one => one.id !== id)
}
