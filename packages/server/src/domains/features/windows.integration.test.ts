import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type {
  AggregateFunction,
  ColumnType,
  DatasetDefinition,
  EntityDefinition,
  FeatureViewDefinition,
} from '@millrace/protocol'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDuckDbLake } from '../../drivers/lake/duckdb.ts'
import { createSqliteOnlineStore } from '../../drivers/online-store/sqlite.ts'
import type { Lake } from '../../ports/lake.ts'
import type { OnlineStore } from '../../ports/online-store.ts'
import { buildTiles, writeAggregates } from './materialize.ts'
import { onlineKey, onlineTables } from './online-key.ts'
import { joinPointInTime } from './point-in-time.ts'
import { planView } from './view-plan.ts'

const hopMs = 1000
const hopUs = hopMs * 1000

type Value = string | number | boolean | null
type Column = 'v' | 'd' | 's' | 'b' | 'w'

/** Times in microseconds. */
interface Event extends Record<Column, Value> {
  k: string | null
  n: number | null
  ts: number
  v: number | null
  d: number | null
  s: string | null
  b: boolean | null
  w: number | null
}

const columns: Record<Column, ColumnType> = {
  v: 'int64',
  d: 'float64',
  s: 'string',
  b: 'boolean',
  w: 'timestamp',
}
const dataset: DatasetDefinition = {
  kind: 'dataset',
  name: 'events',
  source: { format: 'parquet', path: 'none' },
  schema: { k: 'string', n: 'int64', ts: 'timestamp', ...columns },
  derived: {},
  timestamp: 'ts',
  expectations: [],
}
const entity: EntityDefinition = { kind: 'entity', name: 'pair', key: { k: 'string', n: 'int64' } }

interface Case {
  of: Column
  aggregate: AggregateFunction
  type: ColumnType
  hops: number
  rank?: number
}
const numbers: Column[] = ['v', 'd']
const ordered: Column[] = ['v', 'd', 'w']
const all = Object.keys(columns) as Column[]
const make = (of: Column[], aggregate: AggregateFunction, type?: ColumnType, rank?: number): Case[] =>
  of.flatMap((one) =>
    [1, 3].map((hops) => ({ of: one, aggregate, type: type ?? columns[one], hops, ...(rank && { rank }) })),
  )
const cases: Case[] = [
  ...make(['v'], 'count', 'int64'),
  ...make(['v', 'b'], 'sum', 'int64'),
  ...make(['d'], 'sum', 'float64'),
  ...make(numbers, 'mean', 'float64'),
  ...make(['v', 'd', 'b'], 'std', 'float64'),
  ...make(ordered, 'min'),
  ...make(ordered, 'max'),
  ...make(all, 'first'),
  ...make(all, 'last'),
  ...make(all, 'distinct', 'int64'),
  ...make(all, 'top'),
  ...make(['s'], 'top', 'string', 2),
]
const nameOf = ({ of, aggregate, hops, rank = 1 }: Case) => `${aggregate}_${of}_${hops}_${rank}`
const viewWith = (cases: Case[], ttlMs: number | null, name = 'view'): FeatureViewDefinition => ({
  kind: 'feature-view',
  name,
  entity: 'pair',
  from: 'events',
  timestamp: 'ts',
  ttlMs,
  hopMs,
  features: Object.fromEntries(
    cases.map(({ of, aggregate, type, hops, rank }, i) => [
      nameOf(cases[i]),
      {
        type,
        aggregate,
        ...(aggregate !== 'count' && { sql: of }),
        windowMs: hops * hopMs,
        ...(rank && { rank }),
      },
    ]),
  ),
})

function compare(a: Value, b: Value): number {
  if (typeof a === 'string' || typeof b === 'string')
    return Buffer.compare(Buffer.from(`${a}`), Buffer.from(`${b}`))
  return Number(a) - Number(b)
}

/** The rules, as slowly and plainly as possible; `std` is left to a test with tolerance. */
function aggregateOf({ of, aggregate, rank = 1 }: Case, window: Event[]): Value {
  if (aggregate === 'count') return window.length
  const known = window.filter((e) => {
    const value = e[of]
    return value !== null && !Number.isNaN(value) && value !== Number.POSITIVE_INFINITY
  })
  const taken = known.map((e) => e[of])
  if (aggregate === 'distinct') return new Set(taken.map((value) => (value === 0 ? 0 : value))).size
  if (taken.length === 0) return null
  const sorted = [...taken].sort(compare)
  switch (aggregate) {
    case 'sum':
      return fixedSum(taken)
    case 'mean':
      return fixedSum(taken) / taken.length
    case 'min':
      return shown(of, sorted[0])
    case 'max':
      return shown(of, sorted.at(-1) as Value)
    case 'first':
    case 'last': {
      const byTime = [...known].sort((a, b) => a.ts - b.ts || compare(a[of], b[of]))
      return shown(of, (aggregate === 'first' ? byTime[0] : (byTime.at(-1) as Event))[of])
    }
    case 'top': {
      const counts = new Map<Value, number>()
      for (const value of sorted) counts.set(value, (counts.get(value) ?? 0) + 1)
      const ranked = [...counts].sort(([a, m], [b, n]) => n - m || compare(a, b))
      return shown(of, ranked[rank - 1]?.[0] ?? null)
    }
    case 'std':
      return deviation(taken.map(Number))
  }
}

/** Times are milliseconds outside of the lake; -0 is 0. */
const shown = (of: Column, value: Value) =>
  value === null ? null : of === 'w' ? (value as number) / 1000 : value === 0 ? 0 : value

function fixedSum(values: Value[]): number {
  return Number(values.reduce((sum, d) => sum + BigInt(Math.round(Number(d) * 2 ** 40)), 0n)) / 2 ** 40
}

function deviation(values: number[]): number | null {
  if (values.length < 2) return null
  const mean = values.reduce((a, b) => a + b) / values.length
  return Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1))
}

function oracle(
  cases: Case[],
  events: Event[],
  asked: { k: Value; n: Value; t: number },
  ttlMs: number | null,
) {
  const T = Math.floor(asked.t / hopUs) * hopUs
  const isNull = asked.k === null || asked.n === null
  const before = events.filter((e) => !isNull && e.k === asked.k && e.n === asked.n && e.ts < T)
  const isExpired =
    ttlMs !== null && before.length > 0 && Math.max(...before.map((e) => e.ts)) < T - ttlMs * 1000
  return Object.fromEntries(
    cases.map((one) => {
      const window = before.filter((e) => e.ts >= T - one.hops * hopUs)
      return [nameOf(one), isNull || isExpired ? null : aggregateOf(one, window)]
    }),
  )
}

/** Standard deviations may differ in the last digits from the textbook's formula, the others in none. */
function expectValues(cases: Case[], found: Record<string, Value>, expected: Record<string, Value>): void {
  for (const one of cases) {
    const [name, wanted] = [nameOf(one), expected[nameOf(one)]]
    if (one.aggregate === 'std' && wanted !== null) expect(found[name], name).toBeCloseTo(wanted as number, 6)
    else expect([name, found[name]]).toEqual([name, wanted])
  }
}

/** Times crowd around hop boundaries, before and after 1970, a microsecond or a millisecond beside them. */
const time = fc
  .tuple(fc.integer({ min: -4, max: 4 }), fc.constantFrom(0, 0, 1, -1, 1000, -1000, 500_000))
  .map(([hop, off]) => hop * hopUs + off)
const event = fc.record({
  k: fc.constantFrom('a', 'a', 'b', null),
  n: fc.constantFrom(1, 1, 2, null),
  ts: time,
  v: fc.option(fc.integer({ min: -3, max: 3 })),
  d: fc.option(fc.constantFrom(0.1, -0.25, 2.5, 1e-9, 3, -0, 0, Number.NaN, Number.POSITIVE_INFINITY)),
  s: fc.option(fc.constantFrom('x', 'y', 'Y', 'é', '')),
  b: fc.option(fc.boolean()),
  w: fc.option(fc.constantFrom(0, 1, -1, 5_000_000)),
})
const ttl = fc.constantFrom(null, null, 1, hopMs, 2500)

let lake: Lake
let online: OnlineStore
let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'windows-'))
  lake = await createDuckDbLake({ threads: 2, memoryLimitMb: 256, tempDir: join(dir, 'spill') })
  online = createSqliteOnlineStore({ path: join(dir, 'online.sqlite') })
})
afterAll(async () => {
  await lake.close()
  await online.close()
  await rm(dir, { recursive: true })
})

const sqlOf = (value: Value) => (value === null ? 'NULL' : `'${value}'`)

function relationOf(events: Event[]): string {
  const rows = events.map(
    ({ k, n, ts, v, d, s, b, w }) =>
      `(${[k, n, ts, v, d === null || !Object.is(d, -0) ? d : '-0.0', s, b, w].map(sqlOf).join(', ')})`,
  )
  return `(SELECT CAST(k AS VARCHAR) AS k, CAST(n AS BIGINT) AS n, make_timestamp(CAST(ts AS BIGINT)) AS ts,
    CAST(v AS BIGINT) AS v, CAST(d AS DOUBLE) AS d, CAST(s AS VARCHAR) AS s, CAST(b AS BOOLEAN) AS b,
    make_timestamp(CAST(w AS BIGINT)) AS w FROM (VALUES ${rows.join(', ')}) AS t(k, n, ts, v, d, s, b, w))`
}

test('every aggregate, joined and read online, equals a naive oracle', async () => {
  let run = 0
  const asked = fc.record({
    k: fc.constantFrom('a', 'b', 'unseen', null),
    n: fc.constantFrom(1, 2, null),
    t: time,
  })
  await fc.assert(
    fc.asyncProperty(
      fc.subarray(cases, { minLength: 4, maxLength: 8 }),
      fc.array(event, { minLength: 1, maxLength: 30 }),
      fc.array(asked, { minLength: 1, maxLength: 10 }),
      ttl,
      async (chosen, events, spine, ttlMs) => {
        const plan = await planView(lake, viewWith(chosen, ttlMs, `view${run++}`), { entity, dataset })
        const relation = relationOf(events)
        const rows = spine.map((row, i) => `(${[i, row.k, row.n, row.t].map(sqlOf).join(', ')})`)
        const input = {
          spine: `(SELECT CAST(id AS BIGINT) AS id, CAST(k AS VARCHAR) AS k, CAST(n AS BIGINT) AS n,
            make_timestamp(CAST(t AS BIGINT)) AS moment FROM (VALUES ${rows.join(', ')}) AS t(id, k, n, t))`,
          timestamp: 'moment',
          columns: ['id'],
          views: [{ plan, relation }],
        }
        const joined = await joinPointInTime(lake, input, (sql) =>
          lake.rows<Record<string, Value>>(`SELECT * FROM (${sql}) ORDER BY id`),
        )
        for (const [i, row] of spine.entries())
          expectValues(chosen, joined[i], oracle(chosen, events, row, ttlMs))

        const tiles = await buildTiles(lake, { plan, relation, version: 'v' })
        const table = onlineTables(plan).aggregates
        const hops = spine.map(({ t }) => Math.floor(t / hopUs)).sort((a, b) => a - b)
        for (const hop of new Set(hops)) {
          await writeAggregates({ lake, online }, { plan, tiles, asOf: hop * hopMs })
          for (const [i, { k, n, t }] of spine.entries()) {
            const key = onlineKey([k, n])
            if (key === undefined || Math.floor(t / hopUs) !== hop) continue
            const [[found]] = await online.read([{ table, keys: [key] }])
            const names = plan.aggregates.map(({ name }) => name)
            const values = names.map((name, place) => [
              name,
              found ? found.values[place] : plan.aggregates[place].empty,
            ])
            const { id, ...offline } = joined[i]
            expect(Object.fromEntries(values)).toEqual(offline)
          }
        }
      },
    ),
    { numRuns: 40 },
  )
})

test('the most frequent values of keys with few values, with many, and of both together equal the oracle', async () => {
  const top = (of: Column, hops: number, rank: number): Case => ({
    of,
    aggregate: 'top',
    type: columns[of],
    hops,
    rank,
  })
  const chosen = [top('s', 24, 1), top('s', 24, 2), top('s', 1, 1), top('v', 5, 1), top('v', 24, 3)]
  const events = Array.from({ length: 200 }, (_, i): Event => {
    const few = i % 2 === 0
    const mixed = (i * 7919) % 101
    return {
      k: few ? 'a' : 'b',
      n: 1,
      ts: Math.floor((i * hopUs) / 4) - 10 * hopUs,
      v: few ? mixed % 3 : mixed,
      d: null,
      s: i % 5 === 0 ? null : few ? ['x', 'y'][mixed % 2] : `s${mixed % 40}`,
      b: null,
      w: null,
    }
  })
  const spine = Array.from({ length: 60 }, (_, i) => ({
    k: ['a', 'b', 'unseen'][i % 3],
    n: 1,
    t: (i - 15) * hopUs,
  }))
  const plan = await planView(lake, viewWith(chosen, null, 'tops'), { entity, dataset })
  const rows = spine.map(({ k, t }, i) => `(${i}, '${k}', 1, make_timestamp(${t}))`)
  const input = {
    spine: `(VALUES ${rows.join(', ')}) AS t(id, k, n, moment)`,
    timestamp: 'moment',
    columns: ['id'],
    views: [{ plan, relation: relationOf(events) }],
  }
  const joined = await joinPointInTime(lake, input, (sql) =>
    lake.rows<Record<string, Value>>(`SELECT * FROM (${sql}) ORDER BY id`),
  )
  for (const [i, row] of spine.entries()) expectValues(chosen, joined[i], oracle(chosen, events, row, null))
})

test('standard deviations keep their digits far from zero, and those of one value are missing', async () => {
  const of = (values: number[], column: 'v' | 'd') =>
    values.map((value, i) => ({
      k: 'a',
      n: 1,
      ts: i,
      v: null,
      d: null,
      s: null,
      b: null,
      w: null,
      [column]: value,
    }))
  const spine = `(SELECT 'a' AS k, 1::BIGINT AS n, make_timestamp(${hopUs}) AS moment)`
  const plan = await planView(lake, viewWith(make(['v', 'd'], 'std', 'float64'), null), { entity, dataset })
  for (const [values, column, expected] of [
    [[1e9, 1e9 + 1, 1e9 + 2], 'v', 1],
    [[9e15, 9e15 + 2], 'v', Math.SQRT2],
    [[5e7 + 0.25, 5e7 + 0.75], 'd', Math.SQRT1_2 / 2],
    [[1e-3, 3e-3], 'd', Math.SQRT2 / 1000],
    [[7, 7, 7, 7], 'v', 0],
    [[7], 'd', null],
  ] as const) {
    const input = {
      spine,
      timestamp: 'moment',
      columns: [],
      views: [{ plan, relation: relationOf(of([...values], column) as Event[]) }],
    }
    const [row] = await joinPointInTime(lake, input, (sql) => lake.rows<Record<string, number | null>>(sql))
    const found = row[`std_${column}_1_1`]
    if (expected === null || expected === 0) expect(found).toBe(expected)
    else expect((found as number) / expected).toBeCloseTo(1, 4)
  }
})
