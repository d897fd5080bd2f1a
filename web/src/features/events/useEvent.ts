/** One event, and taking steps on it. Which steps there are is the API's answer. */
import { ref, shallowRef } from 'vue'
import { client, got, type Problem, type Schemas } from '@/api/client'
import { keyring } from '@/api/once'
import { toast } from '@/components/toasts'
import { i18n } from '@/i18n'

export type EventOut = Schemas['EventOut']
export type OpenStep = Schemas['OpenStepOut']
type Step = Schemas['StepIn']
export type StepBody = { [field in keyof Step]?: Exclude<Step[field], undefined> }

/** A step that brings nothing along. */
export const EMPTY = { note: '', present: [], photos: [], people: [], co_organizations: [], co_due: {}, closing: false } satisfies StepBody

export function useEvent() {
  const event = ref<EventOut | null>(null)
  const failed = ref('')
  const problem = shallowRef<Problem | null>(null)
  const busy = ref(false)
  const keys = keyring()

  async function load(id: string): Promise<void> {
    failed.value = ''
    problem.value = null
    try {
      event.value = await got(client.GET('/api/events/{event_id}', { params: { path: { event_id: id } } }))
    }
    catch (error) {
      event.value = null
      failed.value = (error as Problem).message
      problem.value = error as Problem
    }
  }

  /** Take a step; true when it was taken. When somebody was faster, the new state is shown. */
  async function take(step: OpenStep, body: StepBody): Promise<boolean> {
    const before = event.value
    if (!before || busy.value)
      return false
    busy.value = true
    const said = { ...EMPTY, ...body, seen: before.log_seq, action: step.action }
    try {
      event.value = await got(client.POST('/api/events/{event_id}/steps', {
        params: { path: { event_id: before.id } },
        body: { ...said, client_id: keys.of([before.id, said]) },
      }))
      keys.done()
      if (!event.value)
        failed.value = i18n.global.t('event.outOfSight')
      toast(i18n.global.t('event.taken', { action: i18n.global.t(`action.${step.action}`), number: before.event_no }))
      return true
    }
    catch (error) {
      toast((error as Problem).message, 'error')
      if ((error as Problem).status === 409)
        await load(before.id)
      return false
    }
    finally {
      busy.value = false
    }
  }

  return { event, failed, problem, busy, load, take }
}
