/**
 * One MapLibre map for the life of a component, with no request leaving the machine: no glyphs, no
 * sprites, no base map; Chinese text is drawn with the device's own fonts.
 */
import { Map as MapLibre, NavigationControl, setWorkerUrl, type LngLatBoundsLike } from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url'
import { onBeforeUnmount, onMounted, shallowRef, type ShallowRef } from 'vue'
import type { Schemas } from '@/api/client'
import { paint } from './colours'
import { Framing, type Camera } from './framing'
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
): {
  map: Readonly<ShallowRef<MapLibre | undefined>>
  fit: (box: Box, padding?: number) => void
  go: (to: Camera, ms?: number) => void
} {
  const map = shallowRef<MapLibre>()
  const framing = new Framing<{ box: Box, padding: number }>()
  const camera = (of: MapLibre): Camera => ({ lon: of.getCenter().lng, lat: of.getCenter().lat, zoom: of.getZoom() })

  onMounted(() => {
    const made = new MapLibre({
      container: element.value!,
      style: {
        version: 8,
        sources: {},
        layers: [{ id: 'paper', type: 'background', paint: { 'background-color': paint(options.paper ?? 'var(--map-paper)') } }],
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
    made.on('resize', () => {
      const next = framing.resized(camera(made))
      if (next && 'fit' in next)
        fit(next.fit.box, next.fit.padding)
      else if (next)
        made.jumpTo({ center: [next.jump.lon, next.jump.lat], zoom: next.jump.zoom })
    })
    made.on('movestart', (start) => {
      if ('originalEvent' in start && start.originalEvent)
        framing.taken()
    })
    made.on('moveend', () => framing.arrived(camera(made)))
    onBeforeUnmount(() => made.remove())
  })

  function fit(box: Box, padding = 40): void {
    const bounds: LngLatBoundsLike = [[box.west, box.south], [box.east, box.north]]
    const now = map.value
    now?.fitBounds(bounds, { padding, duration: 0, maxZoom: 17 })
    if (now)
      framing.fit({ box, padding }, camera(now))
  }

  /** Go to a case or to where somebody else looks; the view stays there. */
  function go(to: Camera, ms = 300): void {
    const now = map.value
    if (!now)
      return
    const aim = { ...to, zoom: Math.min(to.zoom, now.getMaxZoom()) }
    framing.go(aim)
    if (ms)
      now.easeTo({ center: [aim.lon, aim.lat], zoom: aim.zoom, duration: ms })
    else
      now.jumpTo({ center: [aim.lon, aim.lat], zoom: aim.zoom })
  }

  return { map, fit, go }
}
