import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readRegistry } from './registry.ts'
import { translateRegistry } from './translate.ts'

// Written by Feast 0.67 from test/interop/feast/repo.py.
const bytes = await readFile(join(import.meta.dirname, '../fixtures/registry.db'))
const { definitions, services, leftOut, project } = translateRegistry(readRegistry(bytes))
const find = (kind: string, name: string) => definitions.find((one) => one.kind === kind && one.name === name)

test('a file with its push source is a dataset by the name of the push source', () => {
  expect(project).toBe('rides')
  expect(find('dataset', 'driver_stats_push')).toEqual({
    kind: 'dataset',
    name: 'driver_stats_push',
    source: { format: 'parquet', path: 'data/driver_stats.parquet' },
    schema: {
      event_timestamp: 'timestamp',
      created: 'timestamp',
      driver_id: 'int64',
      conv_rate: 'float64',
      acc_rate: 'float64',
      avg_daily_trips: 'int64',
      is_new: 'boolean',
      last_seen: 'timestamp',
    },
    derived: {},
    timestamp: 'event_timestamp',
    expectations: [],
  })
})

test('columns that Feast renames are read by their names in the file', () => {
  expect(find('dataset', 'trips')).toMatchObject({
    schema: { at: 'timestamp', driver: 'int64', customer_id: 'string', amount: 'float64', city: 'string' },
    derived: { driver_id: { type: 'int64', sql: '"driver"' } },
    timestamp: 'at',
  })
  expect(find('feature-view', 'trips')).toMatchObject({
    features: { fare: { type: 'float64', last: 'amount' }, city: { type: 'string', last: 'city' } },
  })
})

test('a view has its entity, its ttl and the newest values of the file', () => {
  expect(find('entity', 'driver')).toMatchObject({ key: { driver_id: 'int64' } })
  expect(find('entity', 'driver-customer')).toMatchObject({
    key: { driver_id: 'int64', customer_id: 'string' },
  })
  expect(find('feature-view', 'driver_stats')).toEqual({
    kind: 'feature-view',
    name: 'driver_stats',
    entity: 'driver',
    from: 'driver_stats_push',
    timestamp: 'event_timestamp',
    created: 'created',
    ttlMs: 86_400_000,
    hopMs: 3_600_000,
    features: {
      conv_rate: { type: 'float64', last: 'conv_rate' },
      acc_rate: { type: 'float64', last: 'acc_rate' },
      avg_daily_trips: { type: 'int64', last: 'avg_daily_trips' },
      is_new: { type: 'boolean', last: 'is_new' },
      last_seen: { type: 'timestamp', last: 'last_seen' },
    },
  })
  // Feast's "for ever".
  expect(find('feature-view', 'trips')).toMatchObject({ entity: 'driver-customer', ttlMs: null })
})

test('services keep their choice of features and their names of views', () => {
  const of = (view: string, feature: string, as = view) => ({ view, feature, as })
  expect(services).toEqual([
    { name: 'rates', features: [of('driver_stats', 'conv_rate'), of('driver_stats', 'acc_rate')] },
    { name: 'rides', features: [of('trips', 'fare'), of('trips', 'city')] },
    {
      name: 'renamed',
      features: [of('driver_stats', 'conv_rate', 'today'), of('trips', 'fare'), of('trips', 'city')],
    },
  ])
  expect(definitions.filter(({ kind }) => kind === 'feature-service')).toEqual([
    {
      kind: 'feature-service',
      name: 'rides',
      featureViews: ['trips'],
      onDemandViews: [],
      request: { event_timestamp: 'timestamp' },
      timestamp: 'event_timestamp',
    },
  ])
})

test('what has no place here is named with the reason', () => {
  expect(leftOut.map(({ kind, name, reason }) => `${kind} ${name}: ${reason}`)).toEqual([
    'feature driver_stats:tags: it is a list or a set',
    'feature view spending: its source "warehouse" is of type BigQuery; only Parquet files are read',
    'on-demand feature view with_bonus: its Python function "with_bonus" is not run here: write it as an on-demand view',
    'feature service bonus: its view "with_bonus" is left out',
  ])
})

test('a view on Kafka keeps its file, and what is not read of a registry is told', () => {
  const registry = readRegistry(bytes)
  const trips = registry.featureViews.find(({ spec }) => spec?.name === 'trips')?.spec
  if (!trips?.batchSource) throw new Error('the fixture has no trips')
  trips.streamSource = { ...trips.batchSource, name: 'clicks', type: 3, file: undefined }
  registry.permissions.push({ spec: { name: 'readers', project: 'rides' } })
  const translated = translateRegistry(registry)
  expect(translated.definitions).toEqual(definitions)
  expect(translated.leftOut.filter((one) => !leftOut.some(({ name }) => name === one.name))).toEqual([
    {
      kind: 'stream source',
      name: 'clicks',
      reason: 'it is of type Kafka: the view "trips" has the rows of its file, push others to it',
    },
    { kind: 'permission', name: 'readers', reason: 'it is not moved' },
  ])
})

test('what Feast says to people is kept', () => {
  const registry = readRegistry(bytes)
  const spec = <T extends { name?: string }>(items: readonly { spec?: T }[], name: string): T => {
    const found = items.find((one) => one.spec?.name === name)?.spec
    if (!found) throw new Error(`the fixture has no ${name}`)
    return found
  }
  const said = { description: 'Who drives.', owner: 'ops@rides', tags: [{ key: 'tier', value: 'gold' }] }
  Object.assign(spec(registry.entities, 'driver'), said)
  Object.assign(spec(registry.services, 'rides'), said)
  const view = Object.assign(spec(registry.featureViews, 'trips'), said, { owner: '' })
  const [feature] = view.features
  if (feature) Object.assign(feature, { description: 'In euros.', tags: [{ key: 'a=b', value: '' }] })
  const translated = translateRegistry(registry).definitions
  const named = (kind: string, name: string) =>
    translated.find((one) => one.kind === kind && one.name === name)
  const kept = { description: 'Who drives.', owner: 'ops@rides', tags: { tier: 'gold' } }
  expect(named('entity', 'driver')).toMatchObject(kept)
  expect(named('feature-service', 'rides')).toMatchObject(kept)
  const { owner, ...withoutOwner } = kept
  expect(named('feature-view', 'trips')).toMatchObject({
    ...withoutOwner,
    about: { [feature?.name ?? '']: { description: 'In euros.' } },
  })
  expect(named('feature-view', 'trips')).not.toHaveProperty('owner')
})

test('another file, and another project, are refused', () => {
  for (const wrong of [
    Buffer.from('SQLite format 3\0'),
    Buffer.alloc(0),
    bytes.subarray(0, bytes.length - 9),
  ])
    expect(() => readRegistry(wrong)).toThrow(/no registry file of Feast/)
  expect(() => translateRegistry(readRegistry(bytes), 'other')).toThrow(/It has rides/)
})
