/**
 * One MapLibre map for the life of a component, with no request leaving the machine: no glyphs, no
 * sprites, no base map; Chinese text is drawn with the device's own fonts.
 */
import { Map as MapLibre, NavigationControl, setWorkerUrl, type LngLatBoundsLike } from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url'
import { onBeforeUnmount, onMounted, shallowRef, type ShallowRef } from 'vue'
import type { Schemas } from '@/api/client'
import 'maplibre-gl/dist/maplibre-gl.css'

setWorkerUrl(workerUrl)

export type Box = Schemas['Box']

export interface MapOptions {
  paper?: string
  interactive?: boolean
  controls?: boolean
}

export function useMap(
  element: Readonly<ShallowRef<HTMLElement | null>>,
  options: MapOptions = {},
): { map: Readonly<ShallowRef<MapLibre | undefined>>, fit: (box: Box, padding?: number) => void } {
  const map = shallowRef<MapLibre>()

  onMounted(() => {
    const made = new MapLibre({
      container: element.value!,
      style: {
        version: 8,
        sources: {},
        layers: [{ id: 'paper', type: 'background', paint: { 'background-color': options.paper ?? '#eef2f0' } }],
      },
      center: [119.05, 25.42],
      zoom: 11,
      maxZoom: 18,
      minZoom: 5,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      interactive: options.interactive ?? true,
      localIdeographFontFamily: '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif',
    })
    made.touchZoomRotate.disableRotation()
    if (options.controls ?? true)
      made.addControl(new NavigationControl({ showCompass: false }), 'bottom-right')
    made.on('load', () => (map.value = made))
    made.on('resize', () => again())
    made.on('movestart', (start) => {
      if ('originalEvent' in start && start.originalEvent && start.originalEvent.type !== 'resize')
        again = () => undefined
    })
    onBeforeUnmount(() => made.remove())
  })

  // A map that is fitted before its page has settled is fitted again, until somebody moves it.
  let again = (): void => undefined

  function fit(box: Box, padding = 40): void {
    again = () => fit(box, padding)
    const bounds: LngLatBoundsLike = [[box.west, box.south], [box.east, box.north]]
    map.value?.fitBounds(bounds, { padding, duration: 0, maxZoom: 17 })
  }

  return { map, fit }
}
