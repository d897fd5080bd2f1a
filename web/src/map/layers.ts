/** What the areas and events layers look like. */
import type { AddLayerObject } from 'maplibre-gl'
import { paint } from './colours'
import { byState, LATE } from './states'

const FONT = ['sans-serif']

function line(level: string, width: number, colour: string, minzoom: number): AddLayerObject {
  return {
    id: `line-${level}`,
    type: 'line',
    source: 'areas',
    'source-layer': 'areas',
    minzoom,
    filter: ['==', ['get', 'level'], level],
    paint: { 'line-color': paint(colour), 'line-width': width },
  }
}

function label(level: string, size: number, from: number, to: number): AddLayerObject {
  return {
    id: `label-${level}`,
    type: 'symbol',
    source: 'areas',
    'source-layer': 'labels',
    minzoom: from,
    maxzoom: to,
    filter: ['==', ['get', 'level'], level],
    layout: { 'text-field': ['get', 'name'], 'text-size': size, 'text-font': FONT, 'text-padding': 4 },
    paint: { 'text-color': paint('var(--map-label)'), 'text-halo-color': paint('var(--on-accent)'), 'text-halo-width': 1.6 },
  }
}

export const AREA_LAYERS: AddLayerObject[] = [
  {
    id: 'land',
    type: 'fill',
    source: 'areas',
    'source-layer': 'areas',
    filter: ['==', ['get', 'level'], 'county'],
    paint: { 'fill-color': paint('var(--map-land)') },
  },
  line('unit', 0.6, 'var(--map-unit)', 14),
  line('grid', 1, 'var(--map-grid)', 13),
  line('village', 1.6, 'var(--map-village)', 11),
  line('town', 2.2, 'var(--map-town)', 9),
  line('county', 2.8, 'var(--map-county)', 5),
  label('unit', 11, 15.5, 24),
  label('grid', 12, 14, 24),
  label('village', 14, 11.5, 15.5),
  label('town', 15, 9.5, 11.5),
  label('county', 16, 5, 9.5),
]

const MANY = ['>', ['get', 'n'], 1] as never
const ONE = ['==', ['get', 'n'], 1] as never

export const EVENT_LAYERS: AddLayerObject[] = [
  {
    id: 'event-many',
    type: 'circle',
    source: 'events',
    'source-layer': 'events',
    filter: MANY,
    paint: {
      'circle-radius': ['interpolate', ['linear'], ['get', 'n'], 2, 11, 50, 15, 1000, 22],
      'circle-color': paint('var(--map-county)'),
      'circle-stroke-color': ['case', ['>', ['get', 'late'], 0], paint(LATE), paint('var(--on-accent)')],
      'circle-stroke-width': 2.5,
    },
  },
  {
    id: 'event-count',
    type: 'symbol',
    source: 'events',
    'source-layer': 'events',
    filter: MANY,
    layout: { 'text-field': ['to-string', ['get', 'n']], 'text-size': 12, 'text-font': FONT, 'text-allow-overlap': true },
    paint: { 'text-color': paint('var(--on-accent)') },
  },
  {
    id: 'event-late',
    type: 'circle',
    source: 'events',
    'source-layer': 'events',
    filter: ['all', ONE, ['get', 'overdue']],
    paint: { 'circle-radius': 14, 'circle-color': paint(LATE), 'circle-opacity': 0.28 },
  },
  {
    id: 'event-dot',
    type: 'circle',
    source: 'events',
    'source-layer': 'events',
    filter: ONE,
    paint: {
      'circle-radius': ['interpolate', ['linear'], ['zoom'], 10, 4, 14, 8, 17, 11],
      'circle-color': byState('colour', 'var(--state-ended)') as never,
      'circle-stroke-color': ['case', ['get', 'overdue'], paint(LATE), paint('var(--on-accent)')],
      'circle-stroke-width': 2,
    },
  },
  {
    id: 'event-shape',
    type: 'symbol',
    source: 'events',
    'source-layer': 'events',
    minzoom: 13,
    layout: {
      'text-field': byState('shape', '·') as never,
      'text-size': 11,
      'text-font': FONT,
      'text-allow-overlap': true,
    },
    paint: { 'text-color': paint('var(--on-accent)') },
  },
]
