/** The list of events and its points on the map: filters live in the address, pages follow each other by their keys. */
import { computed, ref, shallowRef, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { client, got, type Problem, type Schemas } from '@/api/client'
import { filtersOf, isEverythingOpen, QUEUES, selection } from './selecting'

export type Line = Schemas['EventLine']

export function useList() {
  const route = useRoute()
  const router = useRouter()
  const lines = ref<Line[]>([])
  const next = ref<string | null>(null)
  /** Where the list's events lie; null: everything that is open, which the map has as tiles. */
  const points = shallowRef<Schemas['PointsOut'] | null>(null)
  const loading = ref(false)
  const failed = ref('')
  let asked = 0

  const filters = computed(() => filtersOf(route.query))
  const queue = computed(() => QUEUES[String(route.params.queue ?? '')])
  // Compared as text, so that opening a case, which changes the address too, asks for nothing.
  const wanted = computed(() => JSON.stringify(selection(filters.value, queue.value)))

  function filter(name: string, value: string): void {
    change({ [name]: value })
  }
  /** Several filters at once; an empty one is none. */
  function change(values: Record<string, string>): void {
    const set = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value || undefined]))
    void router.replace({ query: { ...route.query, ...set } })
  }

  async function load(more = false): Promise<void> {
    const mine = ++asked
    loading.value = true
    failed.value = ''
    const query = selection(filters.value, queue.value)
    try {
      const [page, found] = await Promise.all([
        got(client.GET('/api/events', { params: { query: { ...query, size: 50, after: more ? next.value ?? undefined : undefined } } })),
        more || isEverythingOpen(query) ? null : got(client.GET('/api/events/points', { params: { query } })),
      ])
      if (mine !== asked)
        return
      lines.value = more ? [...lines.value, ...page.items] : page.items
      next.value = page.next ?? null
      if (!more)
        points.value = found
    }
    catch (error) {
      if (mine !== asked)
        return
      failed.value = (error as Problem).message
      if (!more && !isEverythingOpen(query))
        points.value = { points: [], placeless: 0, more: false }
    }
    finally {
      if (mine === asked)
        loading.value = false
    }
  }

  watch(wanted, () => load(), { immediate: true })
  return { lines, next, points, loading, failed, filters, queue, filter, change, load }
}
