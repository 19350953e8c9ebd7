import type { Definition } from '@millrace/protocol'

export const keys = 2000
export const featuresPerView = 50
const viewsCount = 5
/** When the values were known, milliseconds. */
export const knownAt = Date.UTC(2026, 0, 1)

/** Views `v0`…`v4` of 50 numbers each, by one key. */
export const views = Array.from({ length: viewsCount }, (_, view) => ({
  name: `v${view}`,
  features: Array.from({ length: featuresPerView }, (_, i) => `v${view}_f${i}`),
}))

/** What is asked for: by service, how many keys at once. */
export const requests = {
  '1x50': { service: 'one_view', keys: 1, features: featuresPerView },
  '100x250': { service: 'all_views', keys: 100, features: viewsCount * featuresPerView },
} as const
export type RequestName = keyof typeof requests

/** Any number will do; it is the same on both sides. */
export function storedValue(key: number, place: number): number {
  return key + place / 8
}

/** Keys of the n-th request. */
export function keysOf(name: RequestName, n: number): number[] {
  return Array.from({ length: requests[name].keys }, (_, i) => (n * 7919 + i * 31) % keys)
}

export const definitions: Definition[] = [
  {
    kind: 'dataset',
    name: 'events',
    source: { format: 'parquet', path: 'events.parquet' },
    schema: {
      at: 'timestamp',
      user: 'int64',
      ...Object.fromEntries(
        views.flatMap(({ features }) => features.map((name) => [name, 'float64'] as const)),
      ),
    },
    derived: {},
    timestamp: 'at',
    expectations: [],
  },
  { kind: 'entity', name: 'user', key: { user: 'int64' } },
  ...views.map(
    ({ name, features }): Definition => ({
      kind: 'feature-view',
      name,
      entity: 'user',
      from: 'events',
      timestamp: 'at',
      ttlMs: null,
      hopMs: 3_600_000,
      features: Object.fromEntries(features.map((feature) => [feature, { type: 'float64', last: feature }])),
    }),
  ),
  ...Object.entries({ one_view: ['v0'], all_views: views.map(({ name }) => name) }).map(
    ([name, featureViews]): Definition => ({
      kind: 'feature-service',
      name,
      featureViews,
      onDemandViews: [],
      request: {},
      timestamp: 'at',
    }),
  ),
]
