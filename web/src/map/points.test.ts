import { expect, it } from 'vitest'
import type { Schemas } from '@/api/client'
import { features, POINT_LAYERS, turn } from './points'

const point = (id: string, lon: number, overdue = false): Schemas['PointOut'] => ({ id, event_no: `E${id}`, state: 'filed', overdue, lon, lat: 25.4 })

it('draws two rows as two points', () =>
  expect(features([point('a', 119.05), point('b', 119.06)]).features.map(one => [one.properties.id, one.properties.n])).toEqual([['a', 1], ['b', 1]]))

it('draws those of one spot as one with their number, and opens one after the other', () => {
  const [spot, ...others] = features([point('a', 119.05), point('b', 119.05, true), point('c', 119.05)]).features
  expect(others).toEqual([])
  expect(spot!.properties).toMatchObject({ n: 3, late: 1, ids: 'a b c' })
  expect(['', 'a', 'c'].map(open => turn('a b c', open))).toEqual(['a', 'b', 'a'])
})

it('looks as the tiles do', () =>
  expect(POINT_LAYERS.map(layer => [layer.id, (layer as { source: string }).source, 'source-layer' in layer])).toEqual(
    ['many', 'count', 'late', 'dot', 'shape'].map(part => [`found-${part}`, 'found', false])))
