import { createHash } from 'node:crypto'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LakeColumn } from '../../ports/lake.ts'
import { createTemporaryData } from '../../testing/temporary-data.ts'
import type { DatasetVersion } from '../data/index.ts'
import { createFeatureService, type FeatureService } from './service.ts'

const hour = 3_600_000
const start = Date.UTC(2001, 0, 1)

interface Variation {
  window: number
  hop: 1 | 2
  sql: string
  count: boolean
  factor: number
}

const bundleOf = ({ factor }: Variation) => `export function findFunction() {
  return ({ date, total }) => ({ level: date.getUTCHours() * ${factor} + total })
}`

/** `unique` keeps versions of different runs apart; the ttl is longer than the data. */
function project(variation: Variation, unique: number): object[] {
  const { window, hop, sql, count } = variation
  const windowMs = window * hop * hour
  return [
    {
      kind: 'dataset',
      name: 'flights',
      source: { format: 'parquet', path: 'flights.parquet' },
      schema: { date: 'timestamp', delay: 'int64', origin: 'string' },
      derived: {},
      timestamp: 'date',
      expectations: [],
    },
    { kind: 'entity', name: 'airport', key: { origin: 'string' } },
    {
      kind: 'feature-view',
      name: 'delays',
      entity: 'airport',
      from: 'flights',
      timestamp: 'date',
      ttlMs: 1000 * hour + unique,
      hopMs: hop * hour,
      features: {
        total: { type: 'float64', aggregate: 'sum', sql, windowMs },
        ...(count && { departures: { type: 'int64', aggregate: 'count', windowMs } }),
      },
    },
    {
      kind: 'on-demand-view',
      name: 'calendar',
      input: { date: 'timestamp', total: 'float64' },
      features: { level: 'float64' },
      code: { bundle: createHash('sha256').update(bundleOf(variation)).digest('hex') },
    },
    {
      kind: 'feature-service',
      name: 'delay_features',
      featureViews: ['delays'],
      onDemandViews: ['calendar'],
      request: {},
      timestamp: 'date',
    },
    {
      kind: 'training-set',
      name: 'late',
      spine: 'flights',
      service: 'delay_features',
      label: { name: 'late', type: 'boolean', sql: 'delay > 15' },
    },
  ]
}

let embedded: Awaited<ReturnType<typeof createTemporaryData>>
let features: FeatureService
let version: DatasetVersion
const plain: Variation = { window: 1, hop: 1, sql: 'delay', count: false, factor: 1 }

beforeAll(async () => {
  embedded = await createTemporaryData()
  features = createFeatureService(embedded)
  await embedded.apply(project(plain, 0), bundleOf(plain))
  await embedded.lake.writeParquet(
    `SELECT make_timestamp(${start * 1000} + (i * 7919 % 6000) * 60000000) AS date, (i * 31 % 90) - 20 AS delay,
       'A' || (i * i % 7) AS origin FROM range(3000) r(i)`,
    join(embedded.dir, 'flights.parquet'),
  )
  version = await embedded.data.ingest({ dataset: 'flights' })
})
afterAll(() => embedded.close())

const variations = fc.record<Variation>({
  window: fc.integer({ min: 1, max: 30 }),
  hop: fc.constantFrom(1, 2),
  sql: fc.constantFrom('delay', 'abs(delay) / 2.0', 'CASE WHEN delay > 0 THEN delay END'),
  count: fc.boolean(),
  factor: fc.integer({ min: 1, max: 100 }),
})

test('a pinned reader gives what its training set had, whatever has been applied since', async () => {
  let unique = 1
  await fc.assert(
    fc.asyncProperty(variations, variations, fc.integer({ min: 1, max: 45 }), async (old, now, hops) => {
      unique += 2
      const at = start + hops * 2 * hour
      await embedded.apply(project(old, unique), bundleOf(old))
      const until = at + old.hop * hour
      const { digest, manifest } = await features.buildTrainingSet({ name: 'late', version, from: at, until })
      await embedded.apply(project(now, unique + 1), bundleOf(now))

      const { definitions } = manifest
      const reader = await features.createOnlineReader('delay_features', { definitions })
      await features.materialize({ view: 'delays', until: at })
      await features.materialize({ view: 'delays', until: at })
      const { rows, columns } = await features.loadTrainingSet(digest)
      const offline = (name: string, row: number) =>
        valueAt(
          columns.find((column) => column.name === name),
          row,
        )
      const asked = Array.from({ length: rows }, (_, row) => ({
        date: offline('date', row),
        origin: offline('origin', row),
      }))
      const read = await reader.read(asked)
      for (const [row, values] of read.values.entries()) {
        expect(values).toEqual(
          Object.fromEntries(manifest.features.map((name) => [name, offline(name, row)])),
        )
        // A key without an event before has no stored value, but counts zero all the same.
        expect([0, null]).toContain(read.staleness[row].delays)
      }
      reader.close()
    }),
    { numRuns: 20 },
  )
})

test('versions that are not there are refused by name', async () => {
  const definitions = { 'feature-service/delay_features': '0'.repeat(16) }
  await expect(features.createOnlineReader('delay_features', { definitions })).rejects.toMatchObject({
    code: 'definition.version_not_found',
    message: expect.stringContaining('0000000000000000'),
  })
  await expect(features.createOnlineReader('delay_features', { definitions: {} })).rejects.toMatchObject({
    code: 'definition.not_found',
  })
})

function valueAt(column: LakeColumn | undefined, row: number): string | number | boolean | null {
  if (!column) throw new TypeError('The training set lacks a column')
  if (column.kind === 'string') return column.codes[row] < 0 ? null : column.dictionary[column.codes[row]]
  const value = column.values[row]
  return Number.isNaN(value) ? null : column.kind === 'boolean' ? value !== 0 : value
}
