/** The categories, kept on the phone so that a report can be made without a network. */
import { onMounted, ref } from 'vue'
import { db } from './store'
import { client, got, type Schemas } from '@/api/client'

type Category = Schemas['CategoryOut']

export function useCategories() {
  const categories = ref<Category[]>([])
  onMounted(async () => {
    const kept = await db.kept.get('categories')
    if (kept)
      categories.value = kept.value as Category[]
    try {
      const fresh = await got(client.GET('/api/categories'))
      await db.kept.put({ key: 'categories', value: fresh })
      categories.value = fresh
    }
    catch {
      // Without a network the kept ones do.
    }
  })
  return categories
}
