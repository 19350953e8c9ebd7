import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatasetDefinition, EntityDefinition, FeatureViewDefinition } from '@millrace/protocol'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDuckDbLake } from '../../drivers/lake/duckdb.ts'
import type { Lake } from '../../ports/lake.ts'
import { joinPointInTime } from './point-in-time.ts'
import { planView, type ViewPlan } from './view-plan.ts'

/** Times in microseconds. */
interface Row {
  shop: string
  item: number | null
  at: number | null
  written: number | null
  v: number | null
}

const dataset = (name: string): DatasetDefinition => ({
  kind: 'dataset',
  name,
  source: { format: 'parquet', path: 'none' },
  schema: { shop: 'string', item: 'int64', at: 'timestamp', written: 'timestamp', v: 'int64' },
  derived: {},
  timestamp: 'at',
  expectations: [],
})
const entities: Record<string, EntityDefinition> = {
  stock: { kind: 'entity', name: 'stock', key: { shop: 'string', item: 'int64' } },
  shop: { kind: 'entity', name: 'shop', key: { shop: 'string' } },
}
const viewOf = (entity: string, ttlMs: number | null, feature: string): FeatureViewDefinition => ({
  kind: 'feature-view',
  name: feature,
  entity,
  from: `${feature}_rows`,
  timestamp: 'at',
  created: 'written',
  ttlMs,
  hopMs: 1000,
  features: { [feature]: { type: 'int64', last: 'v' } },
})

/** The rules, as slowly and plainly as possible. */
function oracle(
  rows: Row[],
  asked: { keys: Partial<Row>; t: number; ttlMs: number | null; filter: boolean },
) {
  const { keys, t, filter } = asked
  const ttl = asked.ttlMs === null ? Number.POSITIVE_INFINITY : asked.ttlMs * 1000
  const known = rows.filter(
    (row) =>
      Object.entries(keys).every(([k, value]) => value !== null && row[k as keyof Row] === value) &&
      row.at !== null &&
      row.at <= t &&
      row.at >= t - ttl &&
      (!filter || (row.written !== null && row.written <= t)),
  )
  const rank = (row: Row) => [
    row.at ?? 0,
    row.written ?? Number.NEGATIVE_INFINITY,
    row.v ?? Number.POSITIVE_INFINITY,
  ]
  known.sort((a, b) => {
    const place = rank(a).findIndex((value, i) => value !== rank(b)[i])
    return place < 0 ? 0 : rank(a)[place] - rank(b)[place]
  })
  return known.at(-1)?.v ?? null
}

let lake: Lake
let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'newest-rows-'))
  lake = await createDuckDbLake({ threads: 2, memoryLimitMb: 256, tempDir: join(dir, 'spill') })
})
afterAll(async () => {
  await lake.close()
  await rm(dir, { recursive: true })
})

const sqlOf = (value: number | string | null) => (value === null ? 'NULL' : `'${value}'`)
const relationOf = (rows: Row[]) =>
  `(SELECT CAST(shop AS VARCHAR) AS shop, CAST(item AS BIGINT) AS item, make_timestamp(CAST("at" AS BIGINT)) AS "at",
    make_timestamp(CAST(written AS BIGINT)) AS written, CAST(v AS BIGINT) AS v
    FROM (VALUES ${rows.map((r) => `(${[r.shop, r.item, r.at, r.written, r.v].map(sqlOf).join(', ')})`).join(', ')}) AS t(shop, item, "at", written, v))`

const time = fc
  .tuple(fc.integer({ min: -3, max: 3 }), fc.constantFrom(0, 0, 1, -1))
  .map(([seconds, off]) => seconds * 1_000_000 + off)
const row = fc.record({
  shop: fc.constantFrom('a', 'b'),
  item: fc.constantFrom(1, 2, null),
  at: fc.oneof({ weight: 9, arbitrary: time }, { weight: 1, arbitrary: fc.constant(null) }),
  written: fc.oneof({ weight: 9, arbitrary: time }, { weight: 1, arbitrary: fc.constant(null) }),
  v: fc.option(fc.integer({ min: 0, max: 5 })),
})
const spineRow = fc.record({
  shop: fc.constantFrom('a', 'b', 'unseen', null),
  item: fc.constantFrom(1, 2, null),
  t: time,
})
const ttl = fc.constantFrom(null, 1, 1000, 2000)

test('views of several keys, with times of creation: every row of the spine gets what was written by then', async () => {
  const described = [
    ['stock', 'in_stock'],
    ['shop', 'of_shop'],
    ['stock', 'second'],
  ] as const
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(row, { minLength: 1, maxLength: 25 }), { minLength: 3, maxLength: 3 }),
      fc.array(spineRow, { minLength: 1, maxLength: 12 }),
      fc.array(ttl, { minLength: 3, maxLength: 3 }),
      fc.boolean(),
      async (rows, spine, ttls, filter) => {
        const views = await Promise.all(
          described.map(async ([entity, feature], i) => {
            const refers = { entity: entities[entity], dataset: dataset(`${feature}_rows`) }
            const plan: ViewPlan = await planView(lake, viewOf(entity, ttls[i], feature), refers)
            return {
              plan: { ...plan, created: { column: 'written', filter } },
              relation: relationOf(rows[i]),
            }
          }),
        )
        const given = spine.map(
          ({ shop, item, t }, i) => `(${i}, ${sqlOf(shop)}, ${sqlOf(item)}, make_timestamp(${t}))`,
        )
        const input = {
          spine: `(SELECT id, CAST(shop AS VARCHAR) AS shop, CAST(item AS BIGINT) AS item, moment
            FROM (VALUES ${given.join(', ')}) AS t(id, shop, item, moment))`,
          timestamp: 'moment',
          columns: ['id'],
          views,
        }
        const expected = spine.map(({ t, ...keys }, id) => ({
          id,
          ...Object.fromEntries(
            described.map(([entity, feature], i) => {
              const own = entity === 'shop' ? { shop: keys.shop } : keys
              const asked = { keys: own as Partial<Row>, t, ttlMs: ttls[i], filter }
              return [feature, oracle(rows[i], asked)]
            }),
          ),
        }))
        const found = await joinPointInTime(lake, input, (sql) =>
          lake.rows(`SELECT * FROM (${sql}) ORDER BY id`),
        )
        expect(found).toEqual(expected)
      },
    ),
    { numRuns: 50 },
  )
})
