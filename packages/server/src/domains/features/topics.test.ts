import { fastify } from 'fastify'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sendError } from '../../http/errors.ts'
import { validatorCompiler } from '../../http/validation.ts'
import type { Database } from '../../ports/database.ts'
import { createTemporaryData } from '../../testing/temporary-data.ts'
import { featureRoutes } from './routes.ts'
import { createFeatureService, type FeatureService } from './service.ts'

const hour = 3_600_000
const start = Date.UTC(2026, 0, 1)

const orders = {
  kind: 'dataset',
  name: 'orders',
  source: { format: 'parquet', path: 'orders.parquet' },
  schema: { order_id: 'string', at: 'timestamp', customer: 'string', amount: 'float64' },
  derived: {},
  timestamp: 'at',
  mode: 'append',
  expectations: [],
}
const customer = { kind: 'entity', name: 'customer', key: { customer: 'string' } }
const view = (name: string, feature: object) => ({
  kind: 'feature-view',
  name,
  entity: 'customer',
  from: 'orders',
  timestamp: 'at',
  ttlMs: null,
  hopMs: hour,
  stream: { id: 'order_id', allowedLatenessMs: 2 * hour, topic: 'orders' },
  features: { [name]: feature },
})
const spending = view('amount_2h', { type: 'float64', aggregate: 'sum', sql: 'amount', windowMs: 2 * hour })
const newest = view('newest', { type: 'float64', last: 'amount' })
const row = (id: string, amount: unknown) => {
  return { order_id: id, at: new Date(start + Number(id)).toISOString(), customer: 'a', amount }
}

let embedded: Awaited<ReturnType<typeof createTemporaryData>>
let features: FeatureService
beforeEach(async () => {
  embedded = await createTemporaryData()
  await embedded.apply([orders, customer, spending, newest])
  features = createFeatureService(embedded)
  embedded.clock.set(start + hour)
})
afterEach(() => embedded.close())

async function advance(service = features) {
  const { failures } = await service.advanceStreams()
  for (const { error } of failures) throw error
}

async function valuesOf(key: string) {
  const selection = await features.openSelection({ features: ['amount_2h:amount_2h', 'newest:newest'] })
  return (await selection.read([{ customer: key }])).values.map(([value]) => value)
}

test('views take the events of their topic once, those of one dataset together', async () => {
  await features.appendEvents('orders', [row('1', 5), row('2', 3), row('1', 5)])
  await advance()
  expect(await valuesOf('a')).toEqual([8, 3])
  await features.appendEvents('orders', [row('2', 3), row('3', 10)])
  await advance()
  await advance()
  expect(await valuesOf('a')).toEqual([18, 10])
  expect(await features.getStream('newest')).toMatchObject({
    accepted: 3,
    duplicates: 2,
    late: 0,
    waiting: 0,
  })
  expect(await features.listTopics()).toEqual([{ name: 'orders', views: ['amount_2h', 'newest'] }])
})

test('what is no row of the dataset is set aside and holds up nothing', async () => {
  await features.appendEvents('orders', [
    { amount: 'much' },
    row('1', 5),
    row('2', 'x'),
    { ...row('3', 1), at: null },
  ])
  await advance()
  expect(await valuesOf('a')).toEqual([5, 5])
  expect(await features.getStream('newest')).toMatchObject({ accepted: 1, refused: 3, waiting: 0 })
})

const poison: [string, Record<string, unknown>][] = [
  ['U+0000 in the id', { ...row('2', 1), order_id: 'a\0b' }],
  ['U+0000 in the name of an unknown column', { ...row('2', 1), 'a\0b': 1 }],
  ['a time before all dates', { ...row('2', 1), at: -1e300 }],
  ['an id that is too long', { ...row('2', 1), order_id: 'x'.repeat(501) }],
]
test.each(poison)('an event with %s stops no other one', async (_, event) => {
  await features.appendEvents('orders', [row('1', 5), event, row('3', 7)])
  await advance()
  expect(await valuesOf('a')).toEqual([12, 7])
  await features.appendEvents('orders', [row('4', 1)])
  await advance()
  expect(await features.getStream('newest')).toMatchObject({ accepted: 3, refused: 1, waiting: 0 })
  await expect(features.acceptEvents('newest', [row('5', 1), event])).rejects.toMatchObject({
    code: 'feature.row_invalid',
    details: { row: 1 },
  })
})

test('events at the ends of time stop no other ones', async () => {
  const early = { ...row('2', 1), at: -8.64e15 }
  await features.appendEvents('orders', [early, row('1', 5)])
  await advance()
  expect(await valuesOf('a')).toEqual([5, 5])
})

test('a view reads a topic from its beginning, more than a page of it', async () => {
  const events = Array.from({ length: 2500 }, (_, i) => row(String(i), 1))
  await features.appendEvents('orders', events)
  await advance()
  expect(await valuesOf('a')).toEqual([2500, 1])
  const others = { ...orders, name: 'others' }
  await embedded.apply([
    orders,
    others,
    customer,
    spending,
    newest,
    { ...view('again', newest.features.newest), from: 'others' },
  ])
  await advance()
  expect(await features.getStream('again')).toMatchObject({ accepted: 2500, duplicates: 0 })
})

test('a crash before the end of the transaction takes nothing, and processes beside take nothing twice', async () => {
  await features.appendEvents('orders', [row('1', 5), row('2', 3)])
  const db: Database = {
    ...embedded.db,
    transaction: (work) =>
      embedded.db.transaction(async (trx) => {
        await work(trx as never)
        throw new Error('crash')
      }),
  }
  await expect(advance(createFeatureService({ ...embedded, db }))).rejects.toThrow('crash')
  expect(await features.getStream('newest')).toMatchObject({ accepted: 0 })
  // Nothing is due yet: events are taken and no more.
  await embedded.apply([orders, customer, spending])
  embedded.clock.set(start + hour - 1)
  const beside = [features, createFeatureService(embedded), createFeatureService(embedded)]
  // Only one of them may materialize, the others are told so.
  await Promise.all(beside.map((one) => one.advanceStreams()))
  expect(await features.getStream('amount_2h')).toMatchObject({ accepted: 2, duplicates: 0, waiting: 2 })
  embedded.clock.set(start + hour)
  await advance()
  expect(await features.getStream('amount_2h')).toMatchObject({ accepted: 2, waiting: 0 })
})

test('events that were taken are forgotten after a week, others are kept', async () => {
  const left = async () =>
    (await embedded.stream.read('events.orders', { limit: 10 })).map(({ data }) => data.order_id)
  await features.appendEvents('orders', [row('1', 5)])
  await advance()
  embedded.clock.advance(8 * 24 * hour)
  const failing = { ...embedded.data, ingest: () => Promise.reject(new Error('full')) }
  await features.appendEvents('orders', [row('2', 3)])
  await createFeatureService({ ...embedded, data: failing }).advanceStreams()
  expect(await left()).toEqual(['2'])
  await advance()
  expect(await left()).toEqual(['2'])
  const last = start + 8 * 24 * hour
  await features.appendEvents('orders', [{ ...row('3', 10), at: new Date(last).toISOString() }])
  await advance()
  expect(await features.getStream('newest')).toMatchObject({ accepted: 3, waiting: 0 })
})

test('the routes take JSON and NDJSON, only for topics that a view reads', async () => {
  const app = fastify()
  app.setValidatorCompiler(validatorCompiler)
  app.setErrorHandler(sendError)
  await app.register(featureRoutes(features))
  const post = (topic: string, payload: object | string) =>
    app.inject({
      method: 'POST',
      url: `/v1/topics/${topic}/events`,
      payload,
      ...(typeof payload === 'string' && { headers: { 'content-type': 'application/x-ndjson' } }),
    })
  expect((await post('orders', { events: [row('1', 5)] })).json()).toEqual({ topic: 'orders', events: 1 })
  expect((await post('orders', `${JSON.stringify(row('2', 3))}\n`)).statusCode).toBe(200)
  expect((await post('orders', { events: [] })).statusCode).toBe(400)
  for (const topic of ['audit', 'events.orders']) {
    const refused = await post(topic, { events: [row('3', 1)] })
    expect([refused.statusCode, refused.json().error_code]).toEqual([404, 'definition.not_found'])
  }
  expect((await app.inject('/v1/topics')).json().items).toHaveLength(1)
  const audit = await embedded.stream.read('audit', { limit: 100 })
  expect(audit.map(({ type }) => type)).not.toContain('event')
  await advance()
  expect(await valuesOf('a')).toEqual([8, 3])
  await app.close()
})
