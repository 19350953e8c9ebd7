import { join } from 'node:path'
import { fastify } from 'fastify'
import type { Kysely } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sendError } from '../../http/errors.ts'
import { validatorCompiler } from '../../http/validation.ts'
import { createTemporaryData } from '../../testing/temporary-data.ts'
import { featureRoutes } from './routes.ts'
import { createFeatureService, type FeatureService } from './service.ts'

const minute = 60_000
const hour = 60 * minute
const start = Date.UTC(2026, 0, 1)

const orders = {
  kind: 'dataset',
  name: 'orders',
  source: { format: 'parquet', path: 'orders.parquet' },
  schema: { order_id: 'string', at: 'timestamp', customer: 'string', amount: 'float64' },
  derived: { cents: { type: 'float64', sql: 'amount * 100' } },
  timestamp: 'at',
  mode: 'append',
  expectations: [
    {
      type: 'expect_column_values_to_be_between',
      kwargs: { column: 'amount', min_value: 0 },
      severity: 'stop',
    },
  ],
}
const customer = { kind: 'entity', name: 'customer', key: { customer: 'string' } }
const spending = {
  kind: 'feature-view',
  name: 'spending',
  entity: 'customer',
  from: 'orders',
  timestamp: 'at',
  ttlMs: null,
  hopMs: hour,
  stream: { id: 'order_id', allowedLatenessMs: 2 * hour },
  features: {
    orders_2h: { type: 'int64', aggregate: 'count', windowMs: 2 * hour },
    cents_2h: { type: 'float64', aggregate: 'sum', sql: 'cents', windowMs: 2 * hour },
  },
}
const service = {
  kind: 'feature-service',
  name: 'buyers',
  featureViews: ['spending'],
  onDemandViews: [],
  request: {},
  timestamp: 'at',
}

let embedded: Awaited<ReturnType<typeof createTemporaryData>>
let features: FeatureService
beforeEach(async () => {
  embedded = await createTemporaryData()
  await embedded.apply([orders, customer, spending, service])
  features = createFeatureService(embedded)
  embedded.clock.set(start)
})
afterEach(() => embedded.close())

const order = (id: string, minutes: number, amount = 1, who = 'ann') => ({
  order_id: id,
  at: start + minutes * minute,
  customer: who,
  amount,
})
const at = (minutes: number) => embedded.clock.set(start + minutes * minute)

async function online(who = 'ann'): Promise<unknown> {
  const reader = await features.createOnlineReader('buyers')
  const { values } = await reader.read([{ at: embedded.clock.now(), customer: who }])
  return [values[0].orders_2h, values[0].cents_2h]
}

async function advance(): Promise<string[]> {
  const { materialized, failures } = await features.advanceStreams()
  expect(failures).toEqual([])
  return materialized
}

async function rowsOf(): Promise<string[]> {
  const relation = await embedded.data.relation(await embedded.data.latestVersion('orders'))
  const rows = await embedded.lake.rows<{ order_id: string }>(
    `SELECT order_id FROM ${relation} ORDER BY order_id`,
  )
  return rows.map((row) => row.order_id)
}

test('events change windows online when their hop has ended, and come into the dataset', async () => {
  at(30)
  expect(
    await features.acceptEvents('spending', [order('a', 10, 1.5), order('b', 20), order('c', 5, 4, 'bob')]),
  ).toEqual({
    view: 'spending',
    accepted: 3,
    duplicates: 0,
    late: 0,
  })
  expect(await advance()).toEqual([])
  expect(await online()).toEqual([0, null])
  at(60)
  expect(await advance()).toEqual(['spending'])
  expect(await advance()).toEqual([])
  expect(await online()).toEqual([2, 250])
  expect(await online('bob')).toEqual([1, 400])
  expect(await rowsOf()).toEqual(['a', 'b', 'c'])
  at(180)
  expect(await advance()).toEqual(['spending'])
  expect(await online()).toEqual([0, null])
})

test('history out of files and events are one', async () => {
  const { lake, dir, data } = embedded
  await lake.writeParquet(
    `SELECT 'h' AS order_id, make_timestamp(${(start - 30 * minute) * 1000}) AS "at", 'ann' AS customer, 3.0::DOUBLE AS amount`,
    join(dir, 'orders.parquet'),
  )
  await data.ingest({ dataset: 'orders' })
  at(30)
  await features.acceptEvents('spending', [order('a', 10)])
  at(60)
  await advance()
  expect(await online()).toEqual([2, 400])
  expect(await rowsOf()).toEqual(['a', 'h'])
})

test('an event that comes again is ignored, whether it is in the dataset already or not', async () => {
  at(30)
  await features.acceptEvents('spending', [order('a', 10), order('a', 10)])
  expect(await features.acceptEvents('spending', [order('a', 10), order('b', 11)])).toMatchObject({
    accepted: 1,
    duplicates: 1,
  })
  at(60)
  await advance()
  expect(await features.acceptEvents('spending', [order('a', 10), order('b', 11)])).toMatchObject({
    accepted: 0,
    duplicates: 2,
  })
  await advance()
  expect(await online()).toEqual([2, 200])
  expect(await features.getStream('spending')).toEqual({
    view: 'spending',
    dataset: 'orders',
    accepted: 2,
    duplicates: 4,
    late: 0,
    refused: 0,
    waiting: 0,
    watermark: start + 11 * minute - 2 * hour,
  })
})

test('a late event corrects what is online, an event beyond the allowed lateness is dropped', async () => {
  at(200)
  await features.acceptEvents('spending', [order('a', 170)])
  await advance()
  expect(await online()).toEqual([1, 100])
  expect(
    await features.acceptEvents('spending', [order('b', 61), order('c', 50), order('d', 49)]),
  ).toMatchObject({
    accepted: 2,
    late: 1,
  })
  expect(await advance()).toEqual(['spending'])
  expect(await online()).toEqual([2, 200])
  expect(await rowsOf()).toEqual(['a', 'b', 'c'])
  // What is forgotten would be late: it cannot be counted twice.
  at(500)
  await features.acceptEvents('spending', [order('e', 480)])
  at(540)
  await advance()
  expect(await features.acceptEvents('spending', [order('a', 170)])).toMatchObject({ late: 1, accepted: 0 })
})

test('a crash between the dataset and the note of it doubles nothing and loses nothing', async () => {
  at(30)
  await features.acceptEvents('spending', [order('a', 10), order('b', 20)])
  const crashing = createFeatureService({
    ...embedded,
    data: {
      ...embedded.data,
      async ingest(input) {
        await embedded.data.ingest(input)
        throw new Error('killed')
      },
    },
  })
  at(60)
  expect((await crashing.advanceStreams()).failures).toMatchObject([
    { view: 'spending', error: { message: 'killed' } },
  ])
  await features.acceptEvents('spending', [order('c', 30)])
  const restarted = createFeatureService(embedded)
  expect(await restarted.advanceStreams()).toEqual({ materialized: ['spending'], failures: [] })
  expect(await online()).toEqual([3, 300])
  expect(await rowsOf()).toEqual(['a', 'b', 'c'])
})

test('an event that the dataset refuses is set aside, the others go on, and it may come again', async () => {
  at(30)
  const good = ['a', 'b', 'd', 'e'].map((id) => order(id, 10))
  await features.acceptEvents('spending', [...good.slice(0, 2), order('c', 10, -5), ...good.slice(2)])
  at(60)
  await advance()
  expect(await rowsOf()).toEqual(['a', 'b', 'd', 'e'])
  expect(await features.getStream('spending')).toMatchObject({ accepted: 5, refused: 1, waiting: 0 })
  expect(await features.acceptEvents('spending', [order('c', 10, 5)])).toMatchObject({ accepted: 1 })
  await advance()
  expect(await online()).toEqual([5, 900])
  expect(await features.getStream('spending')).toMatchObject({ refused: 0 })
})

test('a bad event is refused with all that came with it, by number and field', async () => {
  at(30)
  const cases: [object, RegExp][] = [
    [{ ...order('b', 1), amount: 'much' }, /^Row 1: amount must be a finite number, got "much"/],
    [{ ...order('b', 1), customer: null }, /^Row 1: customer must not be null/],
    [{ ...order('b', 1), order_id: null }, /^Row 1: order_id must not be null/],
    [order('b', 30 + 24 * 60 + 1), /^Row 1: at must not be more than a day ahead/],
  ]
  for (const [bad, message] of cases) {
    await expect(features.acceptEvents('spending', [order('a', 1), bad as never])).rejects.toMatchObject({
      code: 'feature.row_invalid',
      message: expect.stringMatching(message),
    })
  }
  expect(await features.getStream('spending')).toMatchObject({ accepted: 0, waiting: 0, watermark: null })
  await embedded.apply([orders, customer, { ...spending, stream: undefined }, service])
  await expect(features.acceptEvents('spending', [order('a', 1)])).rejects.toMatchObject({
    code: 'feature.push_refused',
  })
})

test('events that wait keep their values when the dataset gets a column before theirs', async () => {
  at(30)
  await features.acceptEvents('spending', [order('a', 20, 7)])
  const { order_id, ...rest } = orders.schema
  const schema = { region: 'string', count: 'int64', ...rest, order_id }
  await embedded.apply([{ ...orders, schema }, customer, spending, service])
  at(61)
  expect(await features.advanceStreams()).toMatchObject({ failures: [] })
  const latest = await embedded.data.latestVersion('orders')
  const rows = await embedded.lake.rows(
    `SELECT region, count, customer, amount, order_id FROM ${await embedded.data.relation(latest)}`,
  )
  expect(rows).toEqual([{ region: null, count: null, customer: 'ann', amount: 7, order_id: 'a' }])
})

test('events that wait come into their dataset when no view takes events for it any more', async () => {
  at(30)
  await features.acceptEvents('spending', [order('a', 20), order('b', 29)])
  await embedded.apply([orders, customer, { ...spending, stream: undefined }, service])
  expect(await features.advanceStreams()).toEqual({ materialized: [], failures: [] })
  expect(await rowsOf()).toEqual(['a', 'b'])
  // The view moves to another dataset.
  await embedded.apply([orders, customer, spending, service])
  await features.acceptEvents('spending', [order('c', 29)])
  const moved = { ...orders, name: 'new_orders' }
  await embedded.apply([orders, moved, customer, { ...spending, from: 'new_orders' }, service])
  expect((await features.advanceStreams()).failures).toEqual([])
  expect(await rowsOf()).toEqual(['a', 'b', 'c'])
  // A dataset that is gone gets them when it is back.
  await embedded.apply([orders, customer, spending, service])
  await features.acceptEvents('spending', [order('d', 29)])
  await embedded.apply([moved, customer, { ...spending, from: 'new_orders' }, service])
  expect((await features.advanceStreams()).failures).toEqual([])
  await embedded.apply([orders, customer, { ...spending, stream: undefined }, service])
  await features.advanceStreams()
  expect(await rowsOf()).toEqual(['a', 'b', 'c', 'd'])
})

test('a crash after a refusal, before what comes with it, neither loses nor repeats an event', async () => {
  at(30)
  await features.acceptEvents('spending', [order('a', 10), order('c', 10, -5), order('b', 10)])
  at(60)
  let left = 20
  for (let crashes = 0; crashes < left; crashes++) {
    // Dies at the n-th transaction or ingestion from here on.
    let steps = crashes
    const step = () => {
      if (steps-- <= 0) throw new Error('killed')
    }
    const crashing = createFeatureService({
      ...embedded,
      db: {
        ...embedded.db,
        transaction: <Tables, Result>(work: (trx: Kysely<Tables>) => Promise<Result>) =>
          embedded.db.transaction<Tables, Result>(async (trx) => {
            const done = await work(trx)
            step()
            return done
          }),
      },
      data: {
        ...embedded.data,
        async ingest(input) {
          step()
          return embedded.data.ingest(input)
        },
      },
    })
    if ((await crashing.advanceStreams()).failures.length === 0) left = crashes
  }
  expect(await rowsOf()).toEqual(['a', 'b'])
  expect(await features.getStream('spending')).toMatchObject({ accepted: 3, refused: 1, waiting: 0 })
  expect(await online()).toEqual([2, 200])
})

test('a stream needs a dataset that grows, and an id and a time that come with the event', async () => {
  const refused = async (dataset: object, stream: object, message: RegExp) => {
    const definitions = [{ ...orders, ...dataset }, customer, { ...spending, stream }, service]
    await expect(embedded.apply(definitions)).rejects.toMatchObject({
      code: 'definition.invalid',
      message: expect.stringMatching(message),
    })
  }
  await refused({ mode: 'replace' }, spending.stream, /needs a dataset of the mode "append"/)
  await refused({ watermark: 'at' }, spending.stream, /without a watermark/)
  await refused({}, { ...spending.stream, id: 'cents' }, /stream.id names the column "cents"/)
})

test('events come as JSON and as NDJSON', async () => {
  at(30)
  const app = fastify()
  app.setValidatorCompiler(validatorCompiler)
  app.setErrorHandler(sendError)
  await app.register(featureRoutes(features))
  const url = '/v1/feature-views/spending/events'
  const json = await app.inject({ method: 'POST', url, payload: { events: [order('a', 1)] } })
  expect(json.json()).toEqual({ view: 'spending', accepted: 1, duplicates: 0, late: 0 })
  const lines = (...rows: unknown[]) => ({
    method: 'POST' as const,
    url,
    headers: { 'content-type': 'application/x-ndjson' },
    payload: rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row))).join('\n'),
  })
  const ndjson = await app.inject(lines(order('a', 1), order('b', 2), ''))
  expect(ndjson.json()).toEqual({ view: 'spending', accepted: 1, duplicates: 1, late: 0 })
  const broken = await app.inject(lines(order('c', 1), '{"order_id":'))
  expect(broken.json()).toMatchObject({ error_code: 'request.invalid' })
  expect((await app.inject(lines())).statusCode).toBe(400)
  const status = await app.inject({ method: 'GET', url: '/v1/feature-views/spending/stream' })
  expect(status.json()).toMatchObject({ accepted: 2, waiting: 2 })
  await app.close()
})
