import { join } from 'node:path'
import fc from 'fast-check'
import { fastify } from 'fastify'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sendError } from '../../http/errors.ts'
import { validatorCompiler } from '../../http/validation.ts'
import type { OnlineRow } from '../../ports/online-store.ts'
import { createTemporaryData } from '../../testing/temporary-data.ts'
import { cutRange } from './materialize-intervals.ts'
import { onlineTables } from './online-key.ts'
import { forgetMaterializations } from './progress-store.ts'
import { featureRoutes } from './routes.ts'
import { createFeatureService, type FeatureDeps } from './service.ts'

const hour = 3_600_000
const day = 24 * hour
/** Of the manual clock. */
const now = 1_000_000_000_000
const start = Math.floor(now / day) * day - 10 * day
const sales = {
  kind: 'dataset',
  name: 'sales',
  source: { format: 'parquet', path: 'sales.parquet' },
  schema: { at: 'timestamp', shop: 'int64', amount: 'float64' },
  derived: {},
  timestamp: 'at',
  mode: 'append',
  expectations: [],
}
const newest = {
  kind: 'feature-view',
  name: 'newest',
  entity: 'shop',
  from: 'sales',
  timestamp: 'at',
  ttlMs: 3 * day,
  hopMs: hour,
  features: { amount: { type: 'float64', last: 'amount' } },
}
const definitions = (view: object = newest) => [
  sales,
  { kind: 'entity', name: 'shop', key: { shop: 'int64' } },
  view,
]

let embedded: Awaited<ReturnType<typeof createTemporaryData>>
let features: ReturnType<typeof createFeatureService>
beforeEach(async () => {
  embedded = await createTemporaryData()
  await embedded.apply(definitions())
  features = createFeatureService(embedded)
  // Shop i of ten has one row, on day i.
  await embedded.lake.writeParquet(
    `SELECT make_timestamp(${start * 1000} + i * ${day * 1000} + 1) AS "at", i AS shop, i / 2.0 AS amount FROM range(10) r(i)`,
    join(embedded.dir, 'sales.parquet'),
  )
  await embedded.data.ingest({ dataset: 'sales' })
})
afterEach(() => embedded.close())

async function shops(): Promise<number[]> {
  const selected = await features.openSelection({ features: ['newest:amount'] })
  const asked = Array.from({ length: 10 }, (_, shop) => ({ shop }))
  const { statuses } = await selected.read(asked, { at: start })
  return asked.filter((_, i) => statuses[0][i] !== 'NOT_FOUND').map(({ shop }) => shop)
}

/** Writes are counted, and the one of this number dies. */
function crashingAt(count: number): FeatureDeps {
  let writes = 0
  const write: typeof embedded.online.write = (...args) => {
    if (writes++ === count) throw new Error('killed')
    return embedded.online.write(...args)
  }
  return { ...embedded, online: { ...embedded.online, write } }
}

test('a range is written interval by interval, and goes on where a crash ended it', async () => {
  const written: OnlineRow[][] = []
  const range = { view: 'newest', from: start + 2 * day, until: start + 8 * day, everyMs: day }
  await expect(createFeatureService(crashingAt(3)).materialize(range)).rejects.toThrow('killed')
  expect(await shops()).toEqual([2, 3, 4])
  const counting: FeatureDeps = {
    ...embedded,
    online: {
      ...embedded.online,
      write: async (table, rows, options) => {
        written.push([...rows])
        return embedded.online.write(table, rows, options)
      },
    },
  }
  expect(await createFeatureService(counting).materialize(range)).toMatchObject({
    until: range.until,
    rows: 6,
  })
  expect(written.flat().map(({ key }) => key)).toEqual(['[5]', '[6]', '[7]'])
  expect(await shops()).toEqual([2, 3, 4, 5, 6, 7])
  // What lies before was not written, so nothing says that all is known.
  expect((await features.getMaterialization('newest')).done).toBeNull()
  // Finished, it can be asked for again.
  written.length = 0
  expect(await createFeatureService(counting).materialize(range)).toMatchObject({ rows: 6 })
  expect(written.flat()).toHaveLength(6)
})

test('a range up to now goes on within a day, however late it is meanwhile', async () => {
  const input = { view: 'newest', from: start + 2 * day, everyMs: day }
  const crash = () => expect(createFeatureService(crashingAt(2)).materialize(input)).rejects.toThrow('killed')
  await crash()
  embedded.clock.advance(hour)
  await crash()
  embedded.clock.advance(hour)
  const writes: OnlineRow[] = []
  const { online } = embedded
  const write: typeof online.write = (table, rows, options) => {
    writes.push(...rows)
    return online.write(table, rows, options)
  }
  const service = createFeatureService({ ...embedded, online: { ...online, write } })
  expect(await service.materialize(input)).toMatchObject({ until: now + 2 * hour, rows: 8 })
  expect(writes.map(({ key }) => key)).toEqual(['[6]', '[7]', '[8]', '[9]'])
  writes.length = 0
  await service.materialize(input)
  expect(writes).toHaveLength(8)
  await crash()
  embedded.clock.advance(day + 1)
  writes.length = 0
  await service.materialize(input)
  expect(writes).toHaveLength(8)
})

test('without a start it goes on where a crash ended it, and ends with what one call writes', async () => {
  const input = { view: 'newest', until: start + 20 * day - 10 * day, everyMs: 2 * day }
  await expect(createFeatureService(crashingAt(2)).materialize(input)).rejects.toThrow('killed')
  expect((await features.getMaterialization('newest')).done).toMatchObject({ rows: 4 })
  expect(await features.materialize(input)).toMatchObject({ until: input.until, rows: 6 })
  expect(await shops()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  // A range that goes on from what is done counts as done.
  const later = { view: 'newest', from: input.until, until: input.until + hour }
  await features.materialize(later)
  expect((await features.getMaterialization('newest')).done).toMatchObject({ until: later.until })
})

test('late rows of a range never replace newer ones', async () => {
  await features.push({ view: 'newest', rows: [{ at: now, shop: 3, amount: 99 }], to: 'online' })
  await features.materialize({ view: 'newest', from: start, until: now, everyMs: day })
  const selected = await features.openSelection({ features: ['newest:amount'] })
  expect((await selected.read([{ shop: 3 }, { shop: 9 }])).values).toEqual([[99, 4.5]])
})

test.each([undefined, 'written'])(
  'whatever ranges are written in whatever order, the newest rows are those of one call, created: %s',
  async (created) => {
    const until = 12
    await embedded.apply([
      {
        ...sales,
        name: 'tied',
        schema: { ...sales.schema, written: 'timestamp' },
        source: { format: 'parquet', path: 'tied.parquet' },
      },
      ...definitions({ ...newest, from: 'tied', ttlMs: null, ...(created && { created }) }).slice(1),
    ])
    await embedded.lake.writeParquet(
      `SELECT make_timestamp(t * 1000) AS "at", make_timestamp(written * 1000) AS written, shop, hash(t, written, shop) % 10 / 2.0 AS amount
     FROM (SELECT shop, t, unnest(CASE shop % 3 WHEN 0 THEN [6, 10] WHEN 1 THEN [t - 1, t + 3] ELSE [10] END) AS written
           FROM range(12) s(shop), range(1, 8) a(t) WHERE hash(shop, t) % 3 > 0)`,
      join(embedded.dir, 'tied.parquet'),
    )
    await embedded.data.ingest({ dataset: 'tied' })
    const version = await embedded.definitions.version('feature-view', 'newest')
    const read = async () => {
      const selected = await features.openSelection({ features: ['newest:amount'] })
      return selected.read(
        Array.from({ length: 12 }, (_, shop) => ({ shop })),
        { at: until },
      )
    }
    await features.materialize({ view: 'newest', until })
    const expected = await read()
    const time = fc.integer({ min: 0, max: until })
    const call = fc.record({
      from: fc.option(time, { nil: undefined }),
      until: time,
      everyMs: fc.constantFrom(undefined, 1, 3),
    })
    const calls = fc.array(
      call.filter((one) => (one.from ?? 0) <= one.until),
      { maxLength: 4 },
    )
    await fc.assert(
      fc.asyncProperty(calls, calls, async (before, after) => {
        await forgetMaterializations(embedded.db.tables(), 'newest', version)
        await embedded.online.drop(onlineTables({ name: 'newest', version }).last)
        for (const input of [...before, { until }, ...after])
          await features.materialize({ view: 'newest', ...input })
        expect(await read()).toEqual(expected)
      }),
      { numRuns: 8 },
    )
  },
)

test('what was removed for its age does not come back with the next version', async () => {
  await features.materialize({ view: 'newest', until: now })
  const expired = Array.from({ length: 10 }, (_, i) => i).filter((i) => start + i * day < now - 3 * day)
  expect(await features.removeExpired('newest')).toBe(expired.length)
  const left = await shops()
  await features.push({ view: 'newest', rows: [{ at: now - 5 * day, shop: 0, amount: 1 }], to: 'offline' })
  await features.materialize({ view: 'newest', until: now })
  expect(await shops()).toEqual(left)
  await features.materialize({ view: 'newest', from: 0, until: now })
  expect(await shops()).toEqual(left)
})

test('one that is at work tells how far it is, and can be ended', async () => {
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  const { promise: goOn, resolve: release } = Promise.withResolvers<void>()
  let writes = 0
  const slow = createFeatureService({
    ...embedded,
    online: {
      ...embedded.online,
      async write(...args) {
        if (++writes === 3) {
          begin()
          await goOn
        }
        return embedded.online.write(...args)
      },
    },
  })
  const app = fastify()
  app.setValidatorCompiler(validatorCompiler)
  app.setErrorHandler(sendError)
  await app.register(featureRoutes(slow))
  const call = async (method: 'GET' | 'POST', path: string, payload?: object) =>
    (await app.inject({ method, url: `/v1/feature-views/newest/${path}`, payload })).json()
  const asked = { until: now, everyMs: day, wait: false }
  expect(await call('POST', 'materialize', asked)).toMatchObject({ running: { rows: 0 }, failure: null })
  await begun
  expect(await call('GET', 'materialization')).toMatchObject({
    running: { from: null, until: now, intervalsDone: 2, rows: 2 },
  })
  // A second call is not a second one; one for another range, and another process, are told.
  await call('POST', 'materialize', asked)
  for (const other of [{ from: 0 }, { until: now - 1 }, { everyMs: 2 * day }, { version: 'x' }])
    expect(await call('POST', 'materialize', { ...asked, ...other })).toMatchObject({
      error_code: 'feature.materialization_running',
    })
  await expect(features.materialize({ view: 'newest', until: now })).rejects.toMatchObject({
    code: 'feature.materialization_running',
  })
  const waiting = slow.materialize({ view: 'newest', until: now })
  expect(await call('POST', 'cancel-materialization')).toEqual({ view: 'newest', cancelled: true })
  release()
  await waiting
  expect(await call('GET', 'materialization')).toMatchObject({
    running: null,
    done: { until: now },
    finished: null,
    failure: { error_code: 'feature.materialization_cancelled' },
  })
  expect(await shops()).toHaveLength(10)
  expect(await call('POST', 'cancel-materialization')).toEqual({ view: 'newest', cancelled: false })
  expect(await call('POST', 'materialize', { from: 5, until: 4 })).toMatchObject({
    error_code: 'feature.range_invalid',
  })
  await app.close()
})

/** Holds up the first write until it is released; then it sees whether the lock is lost. */
function holding(deps: FeatureDeps) {
  const begun = Promise.withResolvers<void>()
  const held = Promise.withResolvers<void>()
  const { online } = deps
  const write: typeof online.write = async (...args) => {
    begun.resolve()
    await held.promise
    return online.write(...args)
  }
  return { service: createFeatureService({ ...deps, online: { ...online, write } }), begun, held }
}

test('one that waits in the background can be ended, and then does nothing', async () => {
  const { service, begun, held } = holding(embedded)
  const first = service.materialize({ view: 'newest', until: start + day }).catch((error: unknown) => error)
  await begun.promise
  await service.startMaterialization({ view: 'newest', until: now })
  expect(await service.cancelMaterialization('newest')).toBe(true)
  await expect
    .poll(async () => (await service.getMaterialization('newest')).failure?.error_code)
    .toBe('feature.materialization_cancelled')
  held.resolve()
  expect(await first).toMatchObject({ code: 'feature.materialization_cancelled' })
  await features.materialize({ view: 'newest', until: start + day })
  expect(await shops()).toEqual([0])
  expect((await features.getMaterialization('newest')).done).toMatchObject({ until: start + day })
})

test('one whose lock another process has taken stops', async () => {
  const { promise: lost, resolve: lose } = Promise.withResolvers<void>()
  const lock: FeatureDeps['db']['lock'] = async () => ({ lost, release: async () => undefined })
  const { service, begun, held } = holding({ ...embedded, db: { ...embedded.db, lock } })
  const work = service.materialize({ view: 'newest', until: now, everyMs: day })
  await begun.promise
  lose()
  held.resolve()
  await expect(work).rejects.toMatchObject({ code: 'feature.materialization_running' })
  expect(await shops()).toEqual([0])
  expect((await features.getMaterialization('newest')).done).toBeNull()
})

test('online tables of versions that nothing reads are dropped, and written anew if one comes back', async () => {
  const versionOf = () => embedded.definitions.version('feature-view', 'newest')
  const first = await versionOf()
  await features.materialize({ view: 'newest', until: now })
  await embedded.apply(definitions({ ...newest, ttlMs: 100 * day }))
  const second = await versionOf()
  await features.materialize({ view: 'newest', until: now })
  const later = now + 100 * day
  const remove = (keep: string[], input = {}) =>
    features.removeUnusedTables({
      keep: keep.map((version) => ({ view: 'newest', version })),
      before: later,
      ...input,
    })
  expect(await remove([], { before: now })).toMatchObject({ tables: 0, keys: 0 })
  expect(await remove([first])).toMatchObject({ tables: 0, keys: 0 })
  expect(await remove([], { dryRun: true })).toMatchObject({ tables: 1, keys: 10 })
  expect(await remove([])).toMatchObject({ tables: 1, keys: 10 })
  expect(await remove([])).toMatchObject({ tables: 0, keys: 0 })
  const count = (version: string) => embedded.online.count(onlineTables({ name: 'newest', version }).last)
  expect([await count(first), await count(second)]).toEqual([0, 10])
  await embedded.apply(definitions())
  await features.materialize({ view: 'newest', until: now })
  expect(await count(first)).toBe(10)
})

test('tables of a view that is written are left, and of no view when the lock is lost', async () => {
  const version = await embedded.definitions.version('feature-view', 'newest')
  const table = onlineTables({ name: 'newest', version }).last
  await features.materialize({ view: 'newest', until: now })
  await embedded.apply(definitions({ ...newest, ttlMs: 100 * day }))
  const input = { keep: [], before: now + 100 * day }
  const left = { tables: 0, keys: 0, busy: 1, complete: true }
  const { service, begun, held } = holding(embedded)
  const work = service.materialize({ view: 'newest', until: now })
  await begun.promise
  expect(await service.removeUnusedTables(input)).toEqual(left)
  expect(await features.removeUnusedTables(input)).toEqual(left)
  held.resolve()
  await work
  // However little time there is, each call leads further.
  const spent = { ...input, isSpent: () => true, dryRun: true }
  expect(await features.removeUnusedTables(spent)).toMatchObject({ tables: 1, keys: 10 })
  const lock = async () => ({ lost: Promise.resolve(), release: async () => undefined })
  const losing = createFeatureService({ ...embedded, db: { ...embedded.db, lock } })
  expect(await losing.removeUnusedTables(input)).toEqual(left)
  expect(await embedded.online.count(table)).toBe(10)
  // Another server writes the version again while its table is dropped.
  const drop = async (name: string) => {
    await embedded.apply(definitions())
    await features.materialize({ view: 'newest', until: now })
    await embedded.online.drop(name)
  }
  const { online } = embedded
  const dropping = createFeatureService({
    ...embedded,
    online: { ...online, drop },
    db: {
      ...embedded.db,
      lock: async () => ({ lost: new Promise(() => undefined), release: async () => undefined }),
    },
  })
  expect(await dropping.removeUnusedTables(input)).toEqual({ tables: 1, keys: 10, busy: 0, complete: true })
  expect(await embedded.online.count(table)).toBe(0)
  expect((await features.getMaterialization('newest')).done).toBeNull()
})

test('ranges are cut at multiples of the length, of what has rows', () => {
  const cut = (after: number | null, until: number, first: number | null) =>
    cutRange('v', { after, until }, { everyMs: 10, first }).map((one) => [one.after, one.until])
  expect(cut(null, 25, 3)).toEqual([
    [null, 10],
    [10, 20],
    [20, 25],
  ])
  expect(cut(12, 20, 3)).toEqual([[12, 20]])
  expect(cut(null, 20, 19)).toEqual([[null, 20]])
  expect(cut(null, 20, null)).toEqual([[null, 20]])
  expect(cut(30, 20, 3)).toEqual([[30, 20]])
  expect(() => cut(null, 1e9, 3)).toThrow(/100000000 intervals of 10 ms/)
})
