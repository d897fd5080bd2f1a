/** Layers of the tile service, drawn for as long as the calling component lives. */
import type { AddLayerObject, Map as MapLibre } from 'maplibre-gl'
import { onScopeDispose, watch, type ShallowRef } from 'vue'

/**
 * @param map - undefined until the map exists
 * @param name - a layer of `tiles/layers.py`; also the id of its source
 * @param layers - MapLibre layers over that source, drawn in this order
 * @returns a function that fetches the tiles again, after something changed
 */
export function useTileLayer(
  map: Readonly<ShallowRef<MapLibre | undefined>>,
  name: string,
  layers: AddLayerObject[],
): () => void {
  const tiles = (): string[] => [`${location.origin}/tiles/${name}/{z}/{x}/{y}.mvt`]

  watch(map, (now) => {
    if (!now || now.getSource(name))
      return
    const [minzoom, maxzoom] = name === 'areas' ? [5, 16] : [8, 18]
    now.addSource(name, { type: 'vector', tiles: tiles(), minzoom, maxzoom })
    for (const layer of layers)
      now.addLayer(layer)
  }, { immediate: true })

  onScopeDispose(() => {
    const now = map.value
    if (!now?.getSource(name))
      return
    for (const layer of layers)
      now.removeLayer(layer.id)
    now.removeSource(name)
  })

  return () => map.value?.refreshTiles(name)
}
