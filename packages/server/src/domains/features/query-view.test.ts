import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTemporaryData } from '../../testing/temporary-data.ts'
import { createFeatureService, type FeatureService } from './service.ts'

const hour = 3_600_000
const start = Date.UTC(2026, 0, 1)
const dataset = (name: string, schema: object, rest: object = {}) => ({
  kind: 'dataset',
  name,
  source: { format: 'parquet', path: `${name}.parquet` },
  schema: { at: 'timestamp', ...schema },
  derived: {},
  timestamp: 'at',
  expectations: [],
  ...rest,
})
const view = {
  kind: 'feature-view',
  name: 'spending',
  entity: 'customer',
  from: 'orders',
  query: {
    sql: 'SELECT o.at, customer, amount * rate AS euros FROM orders o JOIN rates r ON o.currency = r.currency',
    uses: ['orders', 'rates'],
    schema: { at: 'timestamp', customer: 'string', euros: 'float64' },
  },
  timestamp: 'at',
  ttlMs: null,
  hopMs: hour,
  features: {
    euros_3h: { type: 'float64', aggregate: 'sum', sql: 'euros', windowMs: 3 * hour },
    newest_euros: { type: 'float64', last: 'euros' },
  },
}
const definitions = [
  dataset('orders', { customer: 'string', currency: 'string', amount: 'float64' }),
  dataset('rates', { currency: 'string', rate: 'float64' }),
  dataset('visits', { customer: 'string' }),
  { kind: 'entity', name: 'customer', key: { customer: 'string' } },
  view,
  {
    kind: 'feature-service',
    name: 'buyers',
    featureViews: ['spending'],
    onDemandViews: [],
    request: {},
    timestamp: 'at',
  },
  { kind: 'training-set', name: 'set', spine: 'visits', service: 'buyers' },
]

let embedded: Awaited<ReturnType<typeof createTemporaryData>>
let features: FeatureService
beforeAll(async () => {
  embedded = await createTemporaryData()
  await embedded.apply(definitions)
  features = createFeatureService(embedded)
  embedded.clock.set(start + 10 * hour)
  const at = (hours: number) => `make_timestamp(${(start + hours * hour) * 1000})`
  await write(
    'orders',
    `(${at(0.5)}, 'ann', 'EUR', 1.5), (${at(1)}, 'ann', 'USD', 10), (${at(1.5)}, 'bob', 'XXX', 7)`,
    'customer, currency, amount',
  )
  await write('rates', `(${at(-1)}, 'EUR', 1), (${at(-1)}, 'USD', 0.5)`, 'currency, rate')
  await write('visits', `(${at(1)}, 'ann'), (${at(2)}, 'ann'), (${at(2)}, 'bob')`, 'customer')
})
afterAll(() => embedded.close())

async function write(name: string, rows: string, columns: string): Promise<void> {
  const { lake, dir, data } = embedded
  const numbers = columns.includes('amount') ? 'amount' : columns.includes('rate') ? 'rate' : undefined
  const replaced = numbers ? `REPLACE (CAST(${numbers} AS DOUBLE) AS ${numbers})` : ''
  await lake.writeParquet(
    `SELECT * ${replaced} FROM (VALUES ${rows}) AS t("at", ${columns})`,
    join(dir, `${name}.parquet`),
  )
  await data.ingest({ dataset: name })
}

async function online(customer: string) {
  const reader = await features.createOnlineReader('buyers')
  const { values } = await reader.read([{ at: start + 2 * hour, customer }])
  return values[0]
}

test('a view of a query has the same values in training and online, and names all that it read', async () => {
  const version = await embedded.data.latestVersion('visits')
  const built = await features.buildTrainingSet({
    name: 'set',
    version,
    from: start,
    until: start + 9 * hour,
  })
  expect(built.manifest.datasets.map((one) => one.dataset).sort()).toEqual(['orders', 'rates', 'visits'])
  expect(Object.keys(built.manifest.definitions)).toContain('dataset/rates')
  const { columns } = await features.loadTrainingSet(built.digest)
  const valuesOf = (name: string) =>
    columns.find((column) => column.name === name) as { values: Float64Array }
  expect([...valuesOf('euros_3h').values]).toEqual([1.5, 6.5, Number.NaN])
  expect([...valuesOf('newest_euros').values]).toEqual([5, 5, Number.NaN])
  const done = await features.materialize({ view: 'spending', until: start + 2 * hour })
  expect(done).toMatchObject({ dataset: { dataset: 'orders' }, joined: [{ dataset: 'rates' }] })
  expect(await online('ann')).toEqual({ euros_3h: 6.5, newest_euros: 5 })
  expect(await online('bob')).toEqual({ euros_3h: null, newest_euros: null })
})

test('a new version of any of its datasets is materialized', async () => {
  const at = `make_timestamp(${start * 1000})`
  await features.materialize({ view: 'spending', until: start + 2 * hour })
  await write('rates', `(${at}, 'EUR', 1), (${at}, 'USD', 2), (${at}, 'XXX', 1)`, 'currency, rate')
  await features.materialize({ view: 'spending', until: start + 2 * hour })
  expect(await online('ann')).toEqual({ euros_3h: 21.5, newest_euros: 20 })
  expect(await online('bob')).toEqual({ euros_3h: 7, newest_euros: 7 })
})

test('what does not fit a query is refused', async () => {
  const apply = (change: object) =>
    embedded.apply(definitions.map((one) => (one === view ? { ...view, ...change } : one)))
  const refused = (change: object, reason: string) =>
    expect(apply(change)).rejects.toMatchObject({ message: expect.stringContaining(reason) })
  await refused({ query: { ...view.query, uses: ['rates'] } }, 'query.uses must name "orders"')
  await refused(
    { query: { ...view.query, uses: ['orders', 'prices'] } },
    'the dataset "prices", which does not exist',
  )
  await refused({ stream: { id: 'customer', allowedLatenessMs: 1 } }, 'takes no events')
  const find = ((kind: string, name: string) =>
    definitions.find((one) => one.kind === kind && one.name === name)) as never
  const broken = { ...view, query: { ...view.query, sql: 'SELECT * FROM orders LIMIT 1' } }
  await expect(features.checkDefinition(broken as never, find)).rejects.toMatchObject({
    code: 'definition.invalid',
  })
  await features.checkDefinition(view as never, find)
  await expect(features.push({ view: 'spending', rows: [{}], to: 'online' })).rejects.toMatchObject({
    code: 'feature.push_refused',
  })
})
