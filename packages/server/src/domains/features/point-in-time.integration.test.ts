import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatasetDefinition, EntityDefinition, FeatureViewDefinition } from '@millrace/protocol'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDuckDbLake } from '../../drivers/lake/duckdb.ts'
import { createSqliteOnlineStore } from '../../drivers/online-store/sqlite.ts'
import type { Lake } from '../../ports/lake.ts'
import type { OnlineStore } from '../../ports/online-store.ts'
import { buildTiles, writeAggregates, writeLast } from './materialize.ts'
import { compileReader } from './online-reader.ts'
import { joinPointInTime } from './point-in-time.ts'
import type { ServicePlan } from './service-plan.ts'
import { planView, type ViewPlan } from './view-plan.ts'

const hopMs = 1000
const hopUs = hopMs * 1000

/** Times in microseconds. */
interface Event {
  k: string | null
  ts: number
  v: number | null
  d: number | null
}

const dataset: DatasetDefinition = {
  kind: 'dataset',
  name: 'events',
  source: { format: 'parquet', path: 'none' },
  schema: { k: 'string', ts: 'timestamp', v: 'int64', d: 'float64' },
  derived: {},
  timestamp: 'ts',
  expectations: [],
}
const entity: EntityDefinition = { kind: 'entity', name: 'key', key: { k: 'string' } }
const viewWith = (ttlMs: number | null): FeatureViewDefinition => ({
  kind: 'feature-view',
  name: 'view',
  entity: 'key',
  from: 'events',
  timestamp: 'ts',
  ttlMs,
  hopMs,
  features: {
    last_v: { type: 'int64', last: 'v' },
    n_1: { type: 'int64', aggregate: 'count', windowMs: hopMs },
    n_3: { type: 'int64', aggregate: 'count', windowMs: 3 * hopMs },
    sum_v_3: { type: 'int64', aggregate: 'sum', sql: 'v', windowMs: 3 * hopMs },
    mean_d_3: { type: 'float64', aggregate: 'mean', sql: 'd', windowMs: 3 * hopMs },
    sum_d_2: { type: 'float64', aggregate: 'sum', sql: 'd', windowMs: 2 * hopMs },
    high_2: { type: 'float64', aggregate: 'mean', sql: 'v > 0', windowMs: 2 * hopMs },
    last_d: { type: 'float64', last: 'd' },
  },
})

type Values = Record<string, number | string | null>

/** The rules, as slowly and plainly as possible. */
function oracle(events: Event[], k: string | null, t: number, ttlMs: number | null): Values {
  const ttl = ttlMs === null ? Number.POSITIVE_INFINITY : ttlMs * 1000
  const own = k === null ? [] : events.filter((e) => e.k === k)
  const newest = own
    .filter((e) => e.ts <= t && e.ts >= t - ttl)
    .reduce<Event | undefined>((best, e) => (best === undefined || isAfter(e, best) ? e : best), undefined)
  const T = Math.floor(t / hopUs) * hopUs
  const before = own.filter((e) => e.ts < T)
  const expired = before.length > 0 && Math.max(...before.map((e) => e.ts)) < T - ttl
  const within = (hops: number) => before.filter((e) => e.ts >= T - hops * hopUs)
  const present = (hops: number, value: (e: Event) => number | null) =>
    within(hops).flatMap((e) => value(e) ?? [])
  const d3 = present(3, (e) => e.d)
  const d2 = present(2, (e) => e.d)
  const v3 = present(3, (e) => e.v)
  const high = present(2, (e) => (e.v === null ? null : e.v > 0 ? 1 : 0))
  const aggregates: Values = {
    n_1: within(1).length,
    n_3: within(3).length,
    sum_v_3: v3.length === 0 ? null : v3.reduce((a, b) => a + b, 0),
    mean_d_3: d3.length === 0 ? null : fixedSum(d3) / d3.length,
    sum_d_2: d2.length === 0 ? null : fixedSum(d2),
    high_2: high.length === 0 ? null : high.reduce((a, b) => a + b, 0) / high.length,
  }
  if (expired || k === null) for (const name of Object.keys(aggregates)) aggregates[name] = null
  return { ...aggregates, last_v: newest?.v ?? null, last_d: newest?.d ?? null }
}

/** Later wins; at the same time the row that is greater in v, then d, where null is the greatest. */
function isAfter(a: Event, b: Event): boolean {
  const rank = (value: number | null) => value ?? Number.POSITIVE_INFINITY
  if (a.ts !== b.ts) return a.ts > b.ts
  if (rank(a.v) !== rank(b.v)) return rank(a.v) > rank(b.v)
  return rank(a.d) > rank(b.d)
}

function fixedSum(values: number[]): number {
  return Number(values.reduce((sum, d) => sum + BigInt(Math.round(d * 2 ** 40)), 0n)) / 2 ** 40
}

/** Times crowd around hop boundaries, before and after 1970, a microsecond or a millisecond beside them. */
const time = fc
  .tuple(fc.integer({ min: -6, max: 6 }), fc.constantFrom(0, 0, 1, -1, 1000, -1000, 500_000))
  .map(([hop, off]) => hop * hopUs + off)
const key = fc.constantFrom('a', 'b', null)
const event = fc.record({
  k: key,
  ts: time,
  v: fc.option(fc.integer({ min: -3, max: 3 })),
  d: fc.option(fc.constantFrom(0.1, -0.2, 2.5, 1e-9, 3)),
})
const ttl = fc.constantFrom(null, 1, hopMs, 2 * hopMs, 2500)

let lake: Lake
let online: OnlineStore
beforeAll(async () => {
  const dir = await mkdtemp(join(tmpdir(), 'point-in-time-'))
  lake = await createDuckDbLake({ threads: 2, memoryLimitMb: 256, tempDir: join(dir, 'spill') })
  online = createSqliteOnlineStore({ path: join(dir, 'online.sqlite') })
})
afterAll(async () => {
  await lake.close()
  await online.close()
})

const sqlOf = (value: number | string | null) => (value === null ? 'NULL' : `'${value}'`)

function relationOf(events: Event[]): string {
  const typed = `SELECT CAST(k AS VARCHAR) AS k, make_timestamp(CAST(ts AS BIGINT)) AS ts, CAST(v AS BIGINT) AS v, CAST(d AS DOUBLE) AS d`
  if (events.length === 0)
    return `(${typed} FROM (SELECT NULL AS k, NULL AS ts, NULL AS v, NULL AS d) WHERE false)`
  const rows = events.map((e) => `(${[e.k, e.ts, e.v, e.d].map(sqlOf).join(', ')})`)
  return `(${typed} FROM (VALUES ${rows.join(', ')}) AS t(k, ts, v, d))`
}

interface SpineRow {
  k: string | null
  ts: number
}

async function joinRows(
  described: FeatureViewDefinition,
  events: Event[],
  spine: SpineRow[],
  carried: readonly string[] = [],
): Promise<Values[]> {
  const plan = await planView(lake, described, { entity, dataset })
  const rows = spine.map((row, i) => `(${i}, ${sqlOf(row.k)}, make_timestamp(${row.ts}))`)
  const input = {
    spine: `(SELECT ${['id', ...carried.map((name) => `-id AS ${name}`)].join(', ')}, CAST(k AS VARCHAR) AS k, moment
      FROM (VALUES ${rows.join(', ')}) AS t(id, k, moment))`,
    timestamp: 'moment',
    columns: ['id', ...carried],
    views: [{ plan, relation: relationOf(events) }],
  }
  return joinPointInTime(lake, input, (sql) => lake.rows<Values>(`SELECT * FROM (${sql}) ORDER BY id`))
}

const spineKey = fc.constantFrom('a', 'b', 'unseen', null)

test('the join equals a naive oracle, row by row', async () => {
  const spineRow = fc.record({ k: spineKey, ts: time })
  await fc.assert(
    fc.asyncProperty(
      fc.array(event, { maxLength: 25 }),
      fc.array(spineRow, { minLength: 1, maxLength: 15 }),
      ttl,
      fc.constantFrom([], ['a', 'b', 'c', 'd', 'e', 'f', 'g']),
      async (events, spine, ttlMs, carried) => {
        const joined = await joinRows(viewWith(ttlMs), events, spine, carried)
        const own = (id: number) => Object.fromEntries([['id', id], ...carried.map((name) => [name, 0 - id])])
        expect(joined).toEqual(
          spine.map(({ k, ts }, id) => ({ ...own(id), ...oracle(events, k, ts, ttlMs) })),
        )
      },
    ),
    { numRuns: 60 },
  )
})

test('many rows of a key at one microsecond, met or not, with nulls: the greatest counts as a whole', async () => {
  const crowded = fc.constantFrom(-hopUs, -1000, -1, 0, 1, hopUs)
  const tied = fc.record({
    k: key,
    ts: crowded,
    v: fc.constantFrom(null, 0, 1),
    d: fc.constantFrom(null, 0.1, 2.5),
  })
  const spineRow = fc.record({
    k: spineKey,
    ts: fc.oneof(crowded, fc.constantFrom(999, 1000, 1001, 2 * hopUs)),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(tied, { minLength: 10, maxLength: 60 }),
      fc.array(spineRow, { minLength: 1, maxLength: 15 }),
      ttl,
      async (events, spine, ttlMs) => {
        const joined = await joinRows(viewWith(ttlMs), events, spine)
        expect(joined).toEqual(spine.map(({ k, ts }, id) => ({ id, ...oracle(events, k, ts, ttlMs) })))
      },
    ),
    { numRuns: 60 },
  )
})

test('tied rows are ordered by the used columns, be they key or time, and expire together', async () => {
  const described: FeatureViewDefinition = {
    ...viewWith(2),
    features: {
      last_v: { type: 'int64', last: 'v' },
      last_d: { type: 'float64', last: 'd' },
      of: { type: 'string', last: 'k' },
      at: { type: 'timestamp', last: 'ts' },
    },
  }
  const events: Event[] = [
    { k: 'a', ts: 0, v: 2, d: 0.1 },
    { k: 'a', ts: 0, v: null, d: null },
    { k: 'a', ts: 0, v: null, d: 3 },
    { k: 'a', ts: 5000, v: 1, d: 0.1 },
    { k: 'a', ts: 5000, v: 1, d: 2.5 },
    { k: 'a', ts: 5000, v: 1, d: 2.5 },
    { k: 'a', ts: 5001, v: -1, d: null },
    { k: 'b', ts: 5000, v: 9, d: 9 },
    { k: null, ts: 5000, v: 9, d: 9 },
    { k: null, ts: 5000, v: 8, d: 9 },
  ]
  const none = { last_v: null, last_d: null, of: null, at: null }
  const asked: [SpineRow, Values][] = [
    [{ k: 'a', ts: -1 }, none],
    [
      { k: 'a', ts: 0 },
      { last_v: null, last_d: null, of: 'a', at: 0 },
    ],
    [
      { k: 'a', ts: 2000 },
      { last_v: null, last_d: null, of: 'a', at: 0 },
    ],
    [{ k: 'a', ts: 2001 }, none],
    [
      { k: 'a', ts: 5000 },
      { last_v: 1, last_d: 2.5, of: 'a', at: 5 },
    ],
    [
      { k: 'a', ts: 5001 },
      { last_v: -1, last_d: null, of: 'a', at: 5.001 },
    ],
    [
      { k: 'b', ts: 7000 },
      { last_v: 9, last_d: 9, of: 'b', at: 5 },
    ],
    [{ k: 'b', ts: 7001 }, none],
    [{ k: null, ts: 5000 }, none],
  ]
  const spine = asked.map(([row]) => row)
  expect(await joinRows(described, events, spine)).toEqual(asked.map(([, values], id) => ({ id, ...values })))
})

test('online values at a hop boundary equal the offline ones, to the last bit', async () => {
  let run = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(event, { maxLength: 25 }),
      fc.array(fc.integer({ min: -4, max: 8 }), { minLength: 1, maxLength: 3 }),
      ttl,
      async (events, hops, ttlMs) => {
        const described = { ...viewWith(ttlMs), name: `view${run++}` }
        const plan = await planView(lake, described, { entity, dataset })
        const relation = relationOf(events)
        const tiles = await buildTiles(lake, { plan, relation, version: 'v1' })
        const reader = compileReader(online, servicePlan(plan))
        let after: number | null = null
        for (const hop of [...new Set(hops)].sort((a, b) => a - b)) {
          const t = hop * hopMs
          await writeAggregates({ lake, online }, { plan, tiles, asOf: t })
          await writeLast({ lake, online }, { plan, relation, after, until: t })
          after = t
          const keys = ['a', 'unseen', 'b', 'a', null]
          const { values, statuses } = await reader.read(keys.map((k) => ({ k, moment: t })))
          for (const [i, k] of keys.entries()) {
            const expected = oracle(events, k, t * 1000, ttlMs)
            expect(values[i]).toEqual(expected)
            for (const [name, status] of Object.entries(statuses[i])) {
              if (status === 'PRESENT') expect(values[i][name]).not.toBeNull()
              else if (status !== 'NOT_FOUND') expect(values[i][name]).toBeNull()
            }
          }
        }
      },
    ),
    { numRuns: 40 },
  )
})

test('an online value behind its hop is stale, and missing when it is older than the ttl', async () => {
  const plan = await planView(lake, { ...viewWith(2500), name: 'stale' }, { entity, dataset })
  const relation = relationOf([{ k: 'a', ts: 500_000, v: 4, d: 1 }])
  const tiles = await buildTiles(lake, { plan, relation, version: 'v1' })
  await writeAggregates({ lake, online }, { plan, tiles, asOf: 1000 })
  const reader = compileReader(online, servicePlan(plan))
  const at = async (t: number) => {
    const { values, statuses, staleness } = await reader.read([{ k: 'a', moment: t }])
    return [values[0].n_3, statuses[0].n_3, staleness[0].stale]
  }
  expect(await at(1999)).toEqual([1, 'PRESENT', 0])
  expect(await at(3999)).toEqual([1, 'PRESENT', 2000])
  expect(await at(4000)).toEqual([null, 'OUTSIDE_MAX_AGE', 3000])
  expect(await at(999)).toEqual([1, 'PRESENT', -1000])
})

function servicePlan(plan: ViewPlan): ServicePlan {
  const features = Object.entries(plan.features).map(([name, type]) => ({ name, type }))
  return {
    service: {
      kind: 'feature-service',
      name: 'service',
      featureViews: [plan.name],
      onDemandViews: [],
      request: {},
      timestamp: 'moment',
    },
    views: [plan],
    onDemand: [],
    request: { moment: 'timestamp', k: 'string' },
    columns: [],
    features,
    definitions: {},
    bundles: [],
  }
}
