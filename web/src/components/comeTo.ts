/** Going to a form that has just opened, or been filled, somewhere else on the page: it is in sight, and its first field has the focus. */
import { nextTick, type ShallowRef } from 'vue'

export async function comeTo(form: Readonly<ShallowRef<HTMLElement | null>>): Promise<void> {
  await nextTick()
  form.value?.scrollIntoView({ block: 'nearest' })
  form.value?.querySelector<HTMLElement>('input, select, textarea')?.focus()
}
