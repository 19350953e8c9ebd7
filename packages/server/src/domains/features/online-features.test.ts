import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { fastify } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sendError } from '../../http/errors.ts'
import { validatorCompiler } from '../../http/validation.ts'
import { createTemporaryData } from '../../testing/temporary-data.ts'
import { featureRoutes } from './routes.ts'
import { createFeatureService, type FeatureService } from './service.ts'

const hour = 3_600_000
const bundle = `export function findFunction() {
  return ({ amount_2h, factor }) => ({ scaled: amount_2h * factor })
}`
const view = (name: string, rest: object) => ({
  kind: 'feature-view',
  name,
  entity: 'shop',
  from: 'sales',
  timestamp: 'at',
  ttlMs: null,
  hopMs: hour,
  ...rest,
})
const definitions = [
  {
    kind: 'dataset',
    name: 'sales',
    source: { format: 'csv', path: 'sales.csv' },
    schema: { at: 'timestamp', shop: 'string', till: 'int64', amount: 'float64', note: 'string' },
    derived: {},
    timestamp: 'at',
    expectations: [],
  },
  { kind: 'entity', name: 'shop', key: { shop: 'string' } },
  { kind: 'entity', name: 'till', key: { shop: 'string', till: 'int64' } },
  view('shop_sales', {
    features: { amount_2h: { type: 'float64', aggregate: 'sum', sql: 'amount', windowMs: 2 * hour } },
  }),
  view('till_last', {
    entity: 'till',
    ttlMs: hour,
    features: { amount: { type: 'float64', last: 'amount' }, note: { type: 'string', last: 'note' } },
  }),
  view('shop_last', { features: { amount: { type: 'float64', last: 'amount' } } }),
  {
    kind: 'on-demand-view',
    name: 'scaling',
    input: { amount_2h: 'float64', factor: 'float64' },
    features: { scaled: 'float64' },
    code: { bundle: createHash('sha256').update(bundle).digest('hex') },
  },
  {
    kind: 'feature-service',
    name: 'shop_features',
    featureViews: ['shop_sales', 'till_last'],
    onDemandViews: ['scaling'],
    request: { factor: 'float64' },
    timestamp: 'at',
  },
]

let embedded: Awaited<ReturnType<typeof createTemporaryData>>
let features: FeatureService
const app = fastify()
beforeAll(async () => {
  embedded = await createTemporaryData()
  features = createFeatureService(embedded)
  app.setValidatorCompiler(validatorCompiler)
  app.setErrorHandler(sendError)
  await app.register(featureRoutes(features))
  await embedded.apply(definitions, bundle)
  await writeFile(
    join(embedded.dir, 'sales.csv'),
    'at,shop,till,amount,note\n1970-01-01 00:10:00,a,1,1.5,first\n1970-01-01 01:00:00,a,1,2,\n1970-01-01 01:30:00,b,2,8,x\n',
  )
  await embedded.data.ingest({ dataset: 'sales' })
  for (const name of ['shop_sales', 'till_last', 'shop_last']) {
    await features.materialize({ view: name, until: 2 * hour })
  }
})
afterAll(async () => {
  await app.close()
  await embedded.close()
})

const ask = async (payload: object) => {
  const response = await app.inject({ method: 'POST', url: '/v1/online-features', payload })
  return { status: response.statusCode, body: response.json() }
}

test('features of several views and entities, in the order asked for, by columns', async () => {
  const { status, body } = await ask({
    features: ['till_last:note', 'shop_sales:amount_2h', 'till_last:amount'],
    columns: { till: [2, 1, 7, 1], shop: ['b', 'a', 'a', 'a'] },
    at: 2 * hour,
  })
  expect(status).toBe(200)
  expect(body).toEqual({
    at: 2 * hour,
    features: ['note', 'amount_2h', 'amount'],
    values: [
      ['x', null, null, null],
      [8, 3.5, 3.5, 3.5],
      [8, 2, null, 2],
    ],
    statuses: [
      ['PRESENT', 'NULL_VALUE', 'NOT_FOUND', 'NULL_VALUE'],
      ['PRESENT', 'PRESENT', 'PRESENT', 'PRESENT'],
      ['PRESENT', 'PRESENT', 'NOT_FOUND', 'PRESENT'],
    ],
    eventTimes: [
      [1.5 * hour, hour, null, hour],
      [2 * hour, 2 * hour, 2 * hour, 2 * hour],
      [1.5 * hour, hour, null, hour],
    ],
  })
})

test('a value is given until its age is the ttl, and not a millisecond longer', async () => {
  const read = async (at: number) =>
    (await ask({ features: ['till_last:amount'], rows: [{ shop: 'a', till: 1 }], at, answer: 'rows' })).body
      .rows[0]
  expect(await read(2 * hour)).toMatchObject({ values: { amount: 2 }, statuses: { amount: 'PRESENT' } })
  expect(await read(2 * hour + 1)).toEqual({
    values: { amount: null },
    statuses: { amount: 'OUTSIDE_MAX_AGE' },
    eventTimes: { amount: hour },
  })
  const selected = await features.openSelection({ features: ['till_last:amount'] })
  const kept = await selected.read([{ shop: 'a', till: 1 }], { at: 2 * hour + 1, keepExpired: true })
  expect(kept).toMatchObject({ values: [[2]], statuses: [['OUTSIDE_MAX_AGE']] })
})

test('a service gives what a model sees; rows may say their own time', async () => {
  const row = { shop: 'a', till: 1, factor: 10 }
  const { body } = await ask({
    service: 'shop_features',
    rows: [row, { ...row, at: 3 * hour + 5, factor: null }],
    at: 2 * hour,
    answer: 'rows',
  })
  expect(body.rows[0].values).toEqual({ factor: 10, amount_2h: 3.5, amount: 2, note: null, scaled: 35 })
  expect(body.rows[1].values).toEqual({
    factor: null,
    amount_2h: 3.5,
    amount: null,
    note: null,
    scaled: null,
  })
  expect(body.rows[1].statuses).toEqual({
    factor: 'NULL_VALUE',
    amount_2h: 'PRESENT',
    amount: 'OUTSIDE_MAX_AGE',
    note: 'OUTSIDE_MAX_AGE',
    scaled: 'NULL_VALUE',
  })
})

test('an on-demand view alone takes all its inputs from the request', async () => {
  const alone = { features: ['scaling:scaled'], rows: [{ amount_2h: 2, factor: 3 }] }
  expect((await ask(alone)).body).toMatchObject({
    values: [[6]],
    statuses: [['PRESENT']],
    eventTimes: [[null]],
  })
  const beside = { features: ['scaling:scaled', 'shop_sales:amount_2h'], rows: [{ shop: 'b', factor: 3 }] }
  expect((await ask(beside)).body.values).toEqual([[24], [8]])
})

test('without a time the clock says as of when', async () => {
  const { body } = await ask({ features: ['shop_last:amount'], rows: [{ shop: 'a' }] })
  expect(body).toMatchObject({ at: embedded.clock.now(), values: [[2]] })
})

test('equal names of two views need full names', async () => {
  const both = { features: ['till_last:amount', 'shop_last:amount'], rows: [{ shop: 'a', till: 1 }] }
  expect(await ask(both)).toMatchObject({
    status: 400,
    body: {
      error_code: 'feature.selection_invalid',
      message: expect.stringContaining('"till_last" and "shop_last" both have a feature "amount"'),
    },
  })
  const { body } = await ask({ ...both, fullNames: true })
  expect(body.features).toEqual(['till_last__amount', 'shop_last__amount'])
})

test('what cannot be read is refused with what could be', async () => {
  const rows = [{ shop: 'a' }]
  const cases: [object, number, string][] = [
    [{ features: ['none:x'], rows }, 404, 'feature-view "none"'],
    [{ features: ['shop_last:x'], rows }, 404, 'View "shop_last" has no feature "x"; it has amount.'],
    [{ features: ['amount'], rows }, 400, '"amount" should be "<view>:<feature>"'],
    [
      { features: ['shop_last:amount'], rows: [{ shop: 'a' }, { shop: 5 }] },
      400,
      'Row 1: shop must be a text, got 5.',
    ],
    [{ features: ['shop_last:amount'], rows: [{}] }, 400, 'Row 0: shop is required'],
    [{ features: ['shop_last:amount'], rows: [{ shop: 'a', other: 1 }] }, 400, 'Row 0: other is not known'],
    [{ features: ['shop_last:amount'] }, 400, 'either "rows" or "columns"'],
    [
      { features: ['shop_last:amount'], service: 'shop_features', rows },
      400,
      'either "service" or "features"',
    ],
    [{ rows }, 400, 'either "service" or "features"'],
    [
      { features: ['till_last:amount'], columns: { shop: ['a', 'b'], till: [1] } },
      400,
      'column "shop" has 2 values and column "till" has 1',
    ],
    [{ service: 'none', rows }, 404, 'feature-service "none"'],
  ]
  for (const [payload, status, message] of cases) {
    const answer = await ask(payload)
    expect([answer.status, answer.body.message]).toEqual([status, expect.stringContaining(message)])
  }
})

test('whatever was written, a read gives the latest row of the key by its age, as a list of rows tells it', async () => {
  const selected = await features.openSelection({ features: ['till_last:amount'] })
  let shops = 0
  const row = fc.record({
    till: fc.integer({ min: 1, max: 2 }),
    at: fc.integer({ min: 0, max: 4 }),
    amount: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
  })
  // Around the ends of what the ttl of one hour allows.
  const age = fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: -1, max: 1 }))
  const asked = fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), age), { minLength: 1, maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(row, { minLength: 1, maxLength: 3 }), { maxLength: 5 }),
      asked,
      async (writes, reads) => {
        const shop = `shop ${shops++}`
        const latest = new Map<number, { at: number; amount: number | null }>()
        for (const rows of writes) {
          const given = rows.map((one) => ({ ...one, shop, note: null }))
          await features.writeValues('till_last', given)
          for (const { till, at, amount } of rows) {
            if (at >= (latest.get(till)?.at ?? -1)) latest.set(till, { at, amount })
          }
        }
        for (const [till, [at, beyond]] of reads) {
          const time = at + hour + beyond
          const known = latest.get(till)
          const isExpired = known !== undefined && time - known.at > hour
          const value = known === undefined || isExpired ? null : known.amount
          const status = isExpired ? 'OUTSIDE_MAX_AGE' : value === null ? 'NULL_VALUE' : 'PRESENT'
          expect(await selected.read([{ shop, till }], { at: time })).toEqual({
            at: time,
            values: [[value]],
            statuses: [[known === undefined ? 'NOT_FOUND' : status]],
            eventTimes: [[known?.at ?? null]],
          })
        }
      },
    ),
  )
})

test('a changed definition is followed', async () => {
  const selection = { features: ['shop_last:amount'] }
  const before = await features.openSelection(selection)
  expect(await features.openSelection(selection)).toBe(before)
  const changed = view('shop_last', { features: { total: { type: 'float64', last: 'amount' } } })
  await embedded.apply(
    definitions.map((one) => ('name' in one && one.name === 'shop_last' ? changed : one)),
    bundle,
  )
  await expect(features.openSelection(selection)).rejects.toMatchObject({ code: 'feature.not_found' })
  await embedded.apply(definitions, bundle)
})
