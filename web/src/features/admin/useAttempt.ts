/** Doing one thing at a time, what is pressed meanwhile is not done; what the server refuses is said in its own words. */
import { ref } from 'vue'
import { toast } from '@/components/toasts'

export function useAttempt() {
  const busy = ref(false)

  async function attempt(what: () => Promise<void>): Promise<void> {
    if (busy.value)
      return
    busy.value = true
    try {
      await what()
    }
    catch (error) {
      toast((error as Error).message, 'error')
    }
    finally {
      busy.value = false
    }
  }

  return { busy, attempt }
}
