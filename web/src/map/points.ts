/** The points of a list as the map draws them: with the same look as the tiles, those of one spot as one with their number. */
import type { AddLayerObject } from 'maplibre-gl'
import type { Schemas } from '@/api/client'
import { EVENT_LAYERS } from './layers'

type Point = Schemas['PointOut']

// Some ten centimetres: what is nearer cannot be told apart at any zoom.
const SPOT = 6

interface Spot {
  type: 'Feature'
  geometry: { type: 'Point', coordinates: [number, number] }
  properties: { id: string, ids: string, number: string, state: Point['state'], overdue: boolean, n: number, late: number }
}

/** One feature a spot, with the keys of its events. */
export function features(points: Point[]): { type: 'FeatureCollection', features: Spot[] } {
  const spots = new Map<string, Point[]>()
  for (const one of points) {
    const spot = `${one.lon.toFixed(SPOT)} ${one.lat.toFixed(SPOT)}`
    spots.set(spot, [...spots.get(spot) ?? [], one])
  }
  return {
    type: 'FeatureCollection',
    features: [...spots.values()].map(here => ({
      type: 'Feature',
      geometry: { type: 'Point', coordinates: [here[0]!.lon, here[0]!.lat] },
      properties: {
        id: here[0]!.id,
        ids: here.map(one => one.id).join(' '),
        number: here[0]!.event_no,
        state: here[0]!.state,
        overdue: here[0]!.overdue,
        n: here.length,
        late: here.filter(one => one.overdue).length,
      },
    })),
  }
}

/** Which of a spot's events a click opens: the one after the one that is open. */
export function turn(ids: string, selected: string): string {
  const all = ids.split(' ')
  return all[(all.indexOf(selected) + 1) % all.length]!
}

/** The look of the tiles, over a source of points. */
export const POINT_LAYERS: AddLayerObject[] = EVENT_LAYERS.map((layer) => {
  const own = { ...layer, id: layer.id.replace('event-', 'found-'), source: 'found' } as AddLayerObject & { 'source-layer'?: string }
  delete own['source-layer']
  return own
})
