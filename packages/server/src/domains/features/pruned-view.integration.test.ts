import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatasetDefinition, EntityDefinition, FeatureViewDefinition } from '@millrace/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDuckDbLake } from '../../drivers/lake/duckdb.ts'
import type { Lake } from '../../ports/lake.ts'
import { joinPointInTime } from './point-in-time.ts'
import { pruneEvents, pruneKeys, pruneNewest, timeRange } from './pruned-view.ts'
import { planView } from './view-plan.ts'

const dataset: DatasetDefinition = {
  kind: 'dataset',
  name: 'events',
  source: { format: 'parquet', path: 'none' },
  schema: { k: 'int64', ts: 'timestamp', v: 'int64' },
  derived: {},
  timestamp: 'ts',
  expectations: [],
}
const entity: EntityDefinition = { kind: 'entity', name: 'key', key: { k: 'int64' } }
const viewWith = (ttlMs: number | null): FeatureViewDefinition => ({
  kind: 'feature-view',
  name: 'view',
  entity: 'key',
  from: 'events',
  timestamp: 'ts',
  ttlMs,
  hopMs: 1000,
  features: {
    last_v: { type: 'int64', last: 'v' },
    n: { type: 'int64', aggregate: 'count', windowMs: 2000 },
  },
})
/** An event per key and second, of whole seconds since the epoch. */
const relation = (keys: number, from: number, until: number) =>
  `(SELECT k, make_timestamp(s * 1000000) AS ts, s AS v FROM range(${keys}) AS k(k), range(${from}, ${until}) AS s(s))`

let lake: Lake
let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pruned-'))
  lake = await createDuckDbLake({ threads: 2, memoryLimitMb: 256, tempDir: join(dir, 'spill') })
})
afterAll(async () => {
  await lake.close()
  await rm(dir, { recursive: true })
})

async function joinRows(ttlMs: number | null, times: string[], events: string) {
  const plan = await planView(lake, viewWith(ttlMs), { entity, dataset })
  const rows = times.map((time, id) => `(${id}, 1, CAST('${time}' AS TIMESTAMP))`)
  const input = {
    spine: `(VALUES ${rows.join(', ')}) AS t(id, k, moment)`,
    timestamp: 'moment',
    columns: ['id'],
    views: [{ plan, relation: events }],
  }
  return joinPointInTime(lake, input, (sql) => lake.rows(`SELECT * FROM (${sql}) ORDER BY id`))
}

test('only rows that can be found are looked at: neither too early, nor too late, nor of other keys', async () => {
  const plan = await planView(lake, viewWith(3000), { entity, dataset })
  const view = { plan, relation: relation(10, 0, 100) }
  const spine = `(SELECT 4 AS k, make_timestamp(t * 1000000) AS moment FROM (VALUES (50), (60)) AS t(t))`
  const range = await timeRange(lake, spine, 'moment')
  const seconds = async (pruned: { relation: string }) =>
    (await lake.rows(`SELECT min(v) AS "from", max(v) AS until, count(*) AS n FROM ${pruned.relation}`))[0]
  expect(await seconds(pruneNewest(view, range))).toEqual({ from: 47, until: 60, n: 140 })
  expect(await seconds(pruneEvents(view, range))).toEqual({ from: 0, until: 60, n: 610 })
  const endless = { ...view, plan: { ...plan, ttlUs: null } }
  expect(await seconds(pruneNewest(endless, range))).toEqual({ from: 0, until: 60, n: 610 })
  expect(await seconds(pruneEvents(endless, range))).toEqual({ from: 47, until: 60, n: 140 })
  expect(await seconds(await pruneKeys(lake, view, spine))).toEqual({ from: 0, until: 99, n: 100 })
  expect(await pruneKeys(lake, view, 'range(9) AS t(k)')).toBe(view)
})

test('times that are infinite, or as far away as times can be, find what they found without limits', async () => {
  const events = relation(3, 0, 3)
  expect(await joinRows(1000, ['infinity', '1970-01-01 00:00:03', '-infinity'], events)).toEqual([
    { id: 0, last_v: null, n: null },
    { id: 1, last_v: 2, n: 2 },
    { id: 2, last_v: null, n: null },
  ])
  const yearsMs = 1_000_000 * 365 * 86_400_000
  expect(await joinRows(yearsMs, ['200000-01-01', '1970-01-01 00:00:01'], events)).toEqual([
    { id: 0, last_v: 2, n: 0 },
    { id: 1, last_v: 1, n: 1 },
  ])
})
