import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPostgresDatabase } from '../../drivers/database/postgres.ts'
import { createSqliteDatabase } from '../../drivers/database/sqlite.ts'
import { startWriter } from '../../drivers/testing/crash.ts'
import { migrations } from '../../migrations/index.ts'
import type { Database } from '../../ports/database.ts'
import { createPostgresTestDatabase } from '../../testing/test-database.ts'
import { createTrackingService, type TrackingService } from './index.ts'
import type { TrackingTables } from './tables.ts'

/** Logs one batch after the other, each of all kinds, and tells its number once it is acknowledged. */
const writer = `
import { createPostgresDatabase } from '../../drivers/database/postgres.ts'
import { createSqliteDatabase } from '../../drivers/database/sqlite.ts'
import { createTrackingService } from './index.ts'
const [where, run, name, count, shape] = process.argv.slice(1)
const db = where.startsWith('postgres')
  ? createPostgresDatabase({ connectionString: where })
  : createSqliteDatabase({ path: where })
const tracking = createTrackingService({ db, clock: { now: () => Date.now() }, artifacts: {}, artifactReader: {} })
for (let i = 0; i < Number(count); i++) {
  const metrics = Array.from({ length: 100 }, (_, j) => ({
    key: shape === 'wide' ? name + '.' + j : j < 50 ? name : 'shared', value: i, at: i, step: i * 100 + j,
  }))
  await tracking.logBatch({
    run, metrics, params: { [name + '_' + i]: String(i) }, tags: { [name]: String(i), shared: name },
  })
  console.log(i)
  if (shape === 'wide' && i % 10 === 9) await tracking.latestMetrics(run)
}
await db.close()
`

let dir: string
let where: string
let db: Database
let tracking: TrackingService
let drop = async () => {}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'millrace-tracking-crash-'))
  if (process.env.MILLRACE_TEST_DATABASE === 'postgres') {
    const created = await createPostgresTestDatabase()
    where = created.url
    drop = async () => void (await created.drop())
    db = createPostgresDatabase({ connectionString: where })
  } else {
    where = join(dir, 'metadata.db')
    db = createSqliteDatabase({ path: where })
  }
  await db.migrate(migrations)
  const unused = {} as never
  tracking = createTrackingService({ db, clock: { now: () => 1 }, artifacts: unused, artifactReader: unused })
})
afterAll(async () => {
  await db.close()
  await drop()
  await rm(dir, { recursive: true, force: true })
})

/** Checks that what is stored are whole batches, and gives how many of each writer. */
async function checkWholeBatches(run: string, names: readonly string[]): Promise<number[]> {
  const { params, tags, metrics } = await tracking.getRun(run)
  const counts = names.map((name) => Object.keys(params).filter((key) => key.startsWith(`${name}_`)).length)
  for (const [i, name] of names.entries()) {
    const count = counts[i]
    if (count === 0) continue
    expect(tags[name]).toBe(String(count - 1))
    const { items } = await tracking.metricHistoryByTime({ run, key: name })
    expect(items).toHaveLength(50 * count)
    expect(metrics.find(({ key }) => key === name)).toEqual({
      key: name,
      value: count - 1,
      at: count - 1,
      step: (count - 1) * 100 + 49,
    })
  }
  await checkCounters(run)
  return counts
}

/** The number of points and the rollups of every series are those of its points. */
async function checkCounters(run: string): Promise<void> {
  const tables = db.tables<TrackingTables>()
  for (const { key, points } of await tracking.latestMetrics(run)) {
    const { items } = await tracking.metricHistoryByTime({ run, key })
    expect(points).toBe(items.length)
    const rollups = await tables
      .selectFrom('metric_rollups')
      .select('points')
      .where('run_id', '=', run)
      .where('key', '=', key)
      .execute()
    expect(rollups.reduce((sum, bucket) => sum + bucket.points, 0)).toBe(points >= 4096 ? points : 0)
  }
}

describe('logging', () => {
  it('keeps every acknowledged batch, whole, when its process is killed', async () => {
    const { id: run } = await tracking.createRun({})
    const child = startWriter(writer, import.meta.url, [where, run, 'a', '1000000'])
    await child.written(120)
    const acknowledged = await child.kill()
    const [batches] = await checkWholeBatches(run, ['a'])
    expect(acknowledged.length).toBeGreaterThanOrEqual(120)
    expect(batches).toBeGreaterThanOrEqual(acknowledged.length)
    await tracking.logBatch({ run, metrics: [{ key: 'after', value: 1, at: 1, step: 1 }] })
  })

  it('takes batches of several processes for one run, while one of them is killed', async () => {
    const { id: run } = await tracking.createRun({})
    const names = ['a', 'b', 'c']
    const children = names.map((name) =>
      startWriter(writer, import.meta.url, [where, run, name, name === 'a' ? '1000000' : '30']),
    )
    await children[0].written(10)
    const acknowledged = await children[0].kill()
    expect(await Promise.all(children.slice(1).map((child) => child.ended))).toEqual([0, 0])
    const [killed, ...others] = await checkWholeBatches(run, names)
    expect(killed).toBeGreaterThanOrEqual(acknowledged.length)
    expect(others).toEqual([30, 30])
  })

  it('keeps every acknowledged batch of many series, while they are pending and applied', async () => {
    const { id: run } = await tracking.createRun({})
    const names = ['a', 'b', 'c']
    const children = names.map((name) =>
      startWriter(writer, import.meta.url, [where, run, name, name === 'c' ? '20' : '1000000', 'wide']),
    )
    const seen = children[2].ended.then(() => tracking.latestMetrics(run))
    await Promise.all(children.map((child) => child.written(30)))
    const acknowledged = await Promise.all([children[0].kill(), children[1].kill()])
    expect(await children[2].ended).toBe(0)
    const { params } = await tracking.getRun(run)
    const batches = names.map(
      (name) => Object.keys(params).filter((key) => key.startsWith(`${name}_`)).length,
    )
    for (const i of [0, 1]) expect(batches[i]).toBeGreaterThanOrEqual(acknowledged[i].length)
    expect(batches[2]).toBe(20)
    const counts = new Map((await tracking.latestMetrics(run)).map(({ key, points }) => [key, points]))
    expect(counts.size).toBe(300)
    for (const [key, points] of counts) expect(points).toBe(batches[names.indexOf(key[0])])
    expect((await seen).filter(({ key, points }) => key.startsWith('c.') && points === 20)).toHaveLength(100)
    await checkCounters(run)
  })

  it('takes 32 writers of one run at once, with repeats, and of 32 runs', async () => {
    const { id: shared } = await tracking.createRun({})
    const own = await Promise.all(
      Array.from({ length: 32 }, () => tracking.createRun({ experiment: 'many' })),
    )
    const batch = (writer: number, i: number) => ({
      metrics: [0, 1, 2].map((j) => ({ key: `m${(writer + j) % 5}`, value: writer, at: i, step: i })),
      params: { [`p${writer}`]: '1', same: '1' },
      tags: { last: String(writer) },
    })
    await Promise.all(
      own.flatMap(({ id }, writer) =>
        [0, 1, 2].flatMap((i) => [
          tracking.logBatch({ run: shared, ...batch(writer, i) }),
          tracking.logBatch({ run: shared, ...batch(writer, i) }),
          tracking.logBatch({ run: id, ...batch(writer, i) }),
        ]),
      ),
    )
    for (const run of [shared, ...own.slice(0, 3).map(({ id }) => id)]) await checkCounters(run)
    const { params, metrics } = await tracking.getRun(shared)
    expect(Object.keys(params)).toHaveLength(33)
    expect(metrics.map(({ key, step }) => [key, step])).toEqual([0, 1, 2, 3, 4].map((k) => [`m${k}`, 2]))
  })

  it('stores a batch whole or refuses it when its run is deleted meanwhile', async () => {
    const { id: run } = await tracking.createRun({})
    const outcomes = await Promise.allSettled(
      Array.from({ length: 40 }, (_, i) =>
        i % 10 === 5
          ? i % 20 === 5
            ? tracking.deleteRun(run)
            : tracking.restoreRun(run)
          : tracking.logBatch({
              run,
              params: { [`p${i}`]: '1' },
              metrics: [{ key: 'm', value: i, at: i, step: i }],
            }),
      ),
    )
    const logged = outcomes.flatMap(({ status }, i) => (status === 'fulfilled' && i % 10 !== 5 ? [i] : []))
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'run.deleted' })
    }
    const { params } = await tracking.getRun(run)
    expect(Object.keys(params).sort()).toEqual(logged.map((i) => `p${i}`).sort())
    const { items } = await tracking.metricHistory({ run, key: 'm' })
    expect(items.map(({ value }) => value)).toEqual(logged)
  })
})
