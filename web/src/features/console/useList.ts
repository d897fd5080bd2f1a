/** The list of events: filters live in the address, pages follow each other by their keys. */
import { computed, ref, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { client, got, type Problem, type Schemas } from '@/api/client'
import type { State } from '@/map/states'

export type Line = Schemas['EventLine']

export const QUEUES: Record<string, { states?: State[], assigned?: boolean, offered?: boolean, asked?: 'any', sampled?: boolean }> = {
  judging: { states: ['reported', 'verifying', 'judging'] },
  requests: { asked: 'any' },
  suspended: { states: ['suspended'] },
  samples: { sampled: true },
  dispatch: { states: ['filed'] },
  checking: { states: ['feedback', 'rechecking', 'following_up'] },
  pool: { states: ['dispatched'], offered: true },
  tasks: { states: ['dispatched', 'handling'], assigned: true },
}

export function useList() {
  const route = useRoute()
  const router = useRouter()
  const lines = ref<Line[]>([])
  const next = ref<string | null>(null)
  const loading = ref(false)
  const failed = ref('')
  let asked = 0

  const one = (name: string): string => {
    const value = route.query[name]
    return typeof value === 'string' ? value : ''
  }
  const filters = computed(() => ({
    state: one('state'), area: one('area'), category: one('category'), number: one('number'),
    late: one('late') === '1', mine: one('mine') === '1',
  }))
  const queue = computed(() => QUEUES[String(route.params.queue ?? '')])

  function filter(name: string, value: string): void {
    void router.replace({ query: { ...route.query, [name]: value || undefined } })
  }

  async function load(more = false): Promise<void> {
    const mine = ++asked
    loading.value = true
    failed.value = ''
    const { state, area, category, number, late, mine: handled } = filters.value
    try {
      const page = await got(client.GET('/api/events', { params: { query: {
        size: 50,
        after: more ? next.value ?? undefined : undefined,
        state: state ? [state as State] : queue.value?.states,
        assigned: queue.value?.assigned,
        offered: queue.value?.offered,
        asked: queue.value?.asked,
        sampled: queue.value?.sampled,
        open_only: !state && !queue.value && !number ? true : undefined,
        area: area || undefined,
        category: category || undefined,
        number: number || undefined,
        overdue: late || undefined,
        handled_by_me: (queue.value?.assigned && handled) || undefined,
      } } }))
      if (mine !== asked)
        return
      lines.value = more ? [...lines.value, ...page.items] : page.items
      next.value = page.next ?? null
    }
    catch (error) {
      if (mine === asked)
        failed.value = (error as Problem).message
    }
    finally {
      if (mine === asked)
        loading.value = false
    }
  }

  watch([filters, queue], () => load(), { immediate: true })
  return { lines, next, loading, failed, filters, queue, filter, load }
}
