/** Where the phone says that it is. Browsers give WGS 84; the server checks whether that is likely. */
import { onMounted, ref } from 'vue'
import type { Schemas } from '@/api/client'

type Position = Schemas['PositionIn']

const WAIT_MS = 10_000

export function usePosition() {
  const position = ref<Position | null>(null)
  const missing = ref(false)

  onMounted(() => {
    if (!navigator.geolocation) {
      missing.value = true
      return
    }
    navigator.geolocation.getCurrentPosition(
      found => (position.value = {
        lon: found.coords.longitude,
        lat: found.coords.latitude,
        crs: 'WGS84',
        accuracy_m: found.coords.accuracy,
        source: 'gps',
        captured_at: new Date(found.timestamp).toISOString(),
        confirmed: false,
      }),
      () => (missing.value = true),
      { enableHighAccuracy: true, timeout: WAIT_MS, maximumAge: 30_000 },
    )
  })
  return { position, missing }
}
