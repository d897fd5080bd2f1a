/** Kinds of public assets, in the order in which they are offered. */
import type { Schemas } from '@/api/client'

export const ASSET_KINDS: Schemas['AssetOut']['kind'][] = [
  'manhole', 'drain', 'street_light', 'traffic_light', 'pole', 'cabinet', 'hydrant', 'bin', 'bench', 'tree', 'sign', 'bridge', 'other',
]
