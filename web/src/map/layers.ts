/** What the areas and events layers look like. */
import type { AddLayerObject } from 'maplibre-gl'
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
    paint: { 'line-color': colour, 'line-width': width },
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
    paint: { 'text-color': '#34464e', 'text-halo-color': '#ffffff', 'text-halo-width': 1.6 },
  }
}

export const AREA_LAYERS: AddLayerObject[] = [
  {
    id: 'land',
    type: 'fill',
    source: 'areas',
    'source-layer': 'areas',
    filter: ['==', ['get', 'level'], 'county'],
    paint: { 'fill-color': '#fbfbf8' },
  },
  line('unit', 0.6, '#d3dbdb', 14),
  line('grid', 1, '#b9c7c8', 13),
  line('village', 1.6, '#8ea4a7', 11),
  line('town', 2.2, '#5f7f84', 9),
  line('county', 2.8, '#2e5f66', 5),
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
      'circle-color': '#2e5f66',
      'circle-stroke-color': ['case', ['>', ['get', 'late'], 0], LATE, '#ffffff'],
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
    paint: { 'text-color': '#ffffff' },
  },
  {
    id: 'event-late',
    type: 'circle',
    source: 'events',
    'source-layer': 'events',
    filter: ['all', ONE, ['get', 'overdue']],
    paint: { 'circle-radius': 14, 'circle-color': LATE, 'circle-opacity': 0.28 },
  },
  {
    id: 'event-dot',
    type: 'circle',
    source: 'events',
    'source-layer': 'events',
    filter: ONE,
    paint: {
      'circle-radius': ['interpolate', ['linear'], ['zoom'], 10, 4, 14, 8, 17, 11],
      'circle-color': byState('colour', '#5c666c') as never,
      'circle-stroke-color': ['case', ['get', 'overdue'], LATE, '#ffffff'],
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
    paint: { 'text-color': '#ffffff' },
  },
]
