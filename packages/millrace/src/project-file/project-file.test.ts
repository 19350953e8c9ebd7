import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as api from '../index.ts'
import { loadProjectFile } from './index.ts'
import { readProject } from './read-project.ts'

const { aggregate, t } = api
const yaml = `
project: shop
entities:
  customer: { key: { country: string, customer_id: int64 }, owner: shop-team }
datasets:
  orders:
    source: { format: parquet, path: data/orders-*.parquet }
    schema: { order_id: string, at: timestamp, country: string, customer_id: int64, amount: float64, shop: string }
    derived:
      large: { type: boolean, sql: amount > 100 }
    timestamp: at
    mode: append
    expectations:
      - type: expect_column_values_to_be_between
        kwargs: { column: amount, min_value: 0 }
        severity: warning
featureViews:
  spending:
    entity: customer
    from: orders
    every: 10m
    ttl: 90d
    stream: { id: order_id, allowedLateness: 1h, topic: orders }
    watch: { nulls: 0.1, drift: 0.2 }
    features:
      orders_24h: { aggregate: count, window: 24h, max: 1000, outside: clip }
      spent_30d: { aggregate: sum, of: amount, window: 30d }
      large_7d: { aggregate: mean, sql: amount > 100, window: 7d }
      second_shop: { aggregate: top, of: shop, window: 30d, rank: 2 }
      last_amount: { last: amount, description: As it was paid., tags: { since: 2024 }, min: 0, outside: null }
  doubled:
    entity: customer
    from:
      sql: SELECT *, 2 * amount AS twice FROM orders
      uses: [orders]
      columns: { at: timestamp, country: string, customer_id: int64, twice: float64 }
      timestamp: at
    features:
      most: { aggregate: max, of: twice, window: 1h }
featureServices:
  buyers:
    views: [spending, doubled]
    request: { basket: { type: float64, min: 0, notNull: true } }
    timestamp: at
    logReads: 0.01
`

function inTypeScript() {
  const customer = api.entity('customer', {
    key: { country: t.string(), customer_id: t.int64() },
    owner: 'shop-team',
  })
  const orders = api.dataset('orders', {
    source: api.parquet('data/orders-*.parquet'),
    schema: {
      order_id: t.string(),
      at: t.timestamp(),
      country: t.string(),
      customer_id: t.int64(),
      amount: t.float64(),
      shop: t.string(),
    },
    derived: { large: api.derive(t.boolean(), 'amount > 100') },
    timestamp: 'at',
    mode: 'append',
    expect: (c) => [api.expect(c.amount).toBeBetween(0).warn()],
  })
  const spending = api.featureView('spending', {
    entity: customer,
    from: orders,
    every: '10m',
    ttl: '90d',
    stream: { id: 'order_id', allowedLateness: '1h', topic: 'orders' },
    watch: { nulls: 0.1, drift: 0.2 },
    features: (c) => ({
      orders_24h: aggregate.count('24h', { max: 1000, outside: 'clip' }),
      spent_30d: aggregate.sum(c.amount, '30d'),
      large_7d: aggregate.mean(api.sql`amount > 100`, '7d'),
      second_shop: aggregate.top(c.shop, '30d', { rank: 2 }),
      last_amount: api.last(c.amount, { description: 'As it was paid.', tags: { since: '2024' }, min: 0 }),
    }),
  })
  const doubled = api.featureView('doubled', {
    entity: customer,
    from: api.sql('SELECT *, 2 * amount AS twice FROM orders', {
      uses: [orders],
      columns: { at: t.timestamp(), country: t.string(), customer_id: t.int64(), twice: t.float64() },
      timestamp: 'at',
    }),
    features: (c) => ({ most: aggregate.max(c.twice, '1h') }),
  })
  const buyers = api.featureService('buyers', [spending, doubled], {
    request: { basket: t.float64({ min: 0, notNull: true }) },
    timestamp: 'at',
    logReads: 0.01,
  })
  return api.project({ name: 'shop', definitions: [customer, orders, spending, doubled, buyers] })
}

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'project-file-'))
})
afterAll(() => rm(dir, { recursive: true }))

async function load(text: string, name = 'features.yaml') {
  await writeFile(join(dir, name), text)
  return loadProjectFile(join(dir, name))
}

test('a file gives the definitions that TypeScript gives', async () => {
  const loaded = await load(yaml)
  const { definitions } = api.compileProject(inTypeScript(), { resolvePath: (path) => join(dir, path) })
  expect(loaded).toEqual({ project: 'shop', bundle: null, digest: null, definitions })
})

test('JSON is read as well', async () => {
  const file = { project: 'p', entities: { shop: { key: { shop: 'string' } } } }
  const { definitions } = await load(JSON.stringify(file), 'features.json')
  expect(definitions).toEqual([{ kind: 'entity', name: 'shop', key: { shop: 'string' } }])
})

test.each([
  ['every: 10m', 'evry: 10m', 'featureViews.spending: there is no field "evry"; known are entity, from,'],
  ['entity: customer', 'entity: buyer', 'featureViews.spending.entity names "buyer"; the file has customer'],
  ['from: orders', 'from: sales', 'featureViews.spending.from names "sales"; the file has orders'],
  [
    'window: 24h',
    'window: 5m',
    'feature view "spending": feature "orders_24h": the window "5m" is not a multiple',
  ],
  ['window: 24h', 'window: long', '"long" is not a duration'],
  ['aggregate: sum, of: amount', 'aggregate: total, of: amount', 'spent_30d.aggregate must be one of count,'],
  [
    'aggregate: sum, of: amount',
    'aggregate: sum, of: shop',
    'sum is of int64, float64, boolean, but "shop" is string',
  ],
  ['aggregate: sum, of: amount', 'aggregate: sum, of: amont', 'dataset "orders" has no column "amont"'],
  ['aggregate: sum, of: amount', 'aggregate: sum', 'spent_30d needs either "of", a column, or "sql"'],
  ['aggregate: top, of: shop', 'aggregate: top, sql: shop', 'top is of a column'],
  ['rank: 2', 'rank: 0', 'rank must be a whole number from 1 to 100, got 0'],
  ['{ last: amount,', '{ last: amount, window: 1h,', 'last_amount: there is no field "window"'],
  ['min: 0, outside: null', 'min: x, outside: null', 'last_amount.min must be a number, got "x"'],
  ['min: 0, outside: null', 'outside: null', 'last_amount": it needs min, max, in or notNull'],
  ['outside: clip', 'outside: cut', 'orders_24h.outside must be refuse, null or clip, got "cut"'],
  ['tags: { since', 'tags: { a=b', '"a=b" cannot be the name of a tag'],
  ['{ aggregate: count, window', '{ aggregate: count, of: amount, window', 'count is of events'],
  [
    'amount: float64, shop',
    'amount: double, shop',
    'datasets.orders.schema.amount must be one of string, int64',
  ],
  ['mode: append', 'mode: upsert', 'datasets.orders.mode must be replace or append, got "upsert"'],
  [
    'format: parquet',
    'format: excel',
    'datasets.orders.source.format must be parquet, csv, json, arrow, postgres, program, got "excel"',
  ],
  ['type: expect_column_values_to_be_between', 'type: expect_luck', 'expect_luck, cannot be checked'],
  ['views: [spending, doubled]', 'views: spending', 'featureServices.buyers.views must be a list of texts'],
  ['views: [spending, doubled]', 'views: [spend]', 'featureServices.buyers.views names "spend"'],
  ['project: shop', 'name: shop', 'there is no field "name"; known are project,'],
  ['project: shop', 'project: [', 'Flow'],
])('what is wrong is told: %s as %s', async (right, wrong, reason) => {
  expect(yaml).toContain(right)
  await expect(load(yaml.replace(right, wrong))).rejects.toMatchObject({
    code: 'project.invalid',
    message: expect.stringContaining(reason),
  })
})

const sources = `
project: shop
datasets:
  people:
    source: { format: csv, path: people.csv, options: { delimiter: ;, nullValues: [n/a] } }
    schema: { at: timestamp, mail: { type: string, pii: email, mask: hash }, n: { type: int64 } }
    timestamp: at
    mode: append
    evolve: [add, widen]
    keep: { last: 5, for: 30d }
    renamedFrom: { mail: email }
    maxRejected: { share: 0.01 }
  sales:
    source: { format: postgres, query: select * from sales, connection: SHOP }
    schema: { at: timestamp }
    timestamp: at
    maxRejected: 10
  weather:
    source: { format: program, command: [python3, weather.py], output: parquet, secrets: [WEATHER_KEY] }
    schema: { at: timestamp }
    timestamp: at
`

test('sources, changes of the schema, rows kept aside and personal data are as in TypeScript', async () => {
  const people = api.dataset('people', {
    source: api.csv('people.csv', { delimiter: ';', nullValues: ['n/a'] }),
    schema: { at: t.timestamp(), mail: t.string({ pii: 'email', mask: 'hash' }), n: t.int64() },
    timestamp: 'at',
    mode: 'append',
    evolve: ['add', 'widen'],
    keep: { last: 5, for: '30d' },
    renamedFrom: { mail: 'email' },
    maxRejected: { share: 0.01 },
  })
  const sales = api.dataset('sales', {
    source: api.postgres({ query: 'select * from sales', connection: 'SHOP' }),
    schema: { at: t.timestamp() },
    timestamp: 'at',
    maxRejected: 10,
  })
  const weather = api.dataset('weather', {
    source: api.program({ command: ['python3', 'weather.py'], output: 'parquet', secrets: ['WEATHER_KEY'] }),
    schema: { at: t.timestamp() },
    timestamp: 'at',
  })
  const project = api.project({ name: 'shop', definitions: [people, sales, weather] })
  const { definitions } = api.compileProject(project, { resolvePath: (path) => join(dir, path) })
  expect((await load(sources)).definitions).toEqual(definitions)
})

test.each([
  ['delimiter:', 'separator:', 'people.source.options: there is no field "separator"; known are delimiter,'],
  [
    'path: people.csv',
    'query: x',
    'people.source: there is no field "query"; known are format, path, options',
  ],
  ['format: csv, ', '', 'datasets.people.source.format is missing'],
  ['mask: hash', 'mask: blur', 'people.schema.mail.mask must be one of hash, redact, keep, got "blur"'],
  ['type: string, pii', 'type: int64, pii', 'people.schema.mail.mask must be keep: only texts'],
  [', mask: hash', '', 'people.schema.mail.mask is missing'],
  ['[add, widen]', '[narrow]', 'people.evolve must be a list of add and widen, got "narrow"'],
  ['{ mail: email }', '{ mail: 1 }', 'people.renamedFrom.mail must be the name'],
  ['share: 0.01', 'share: 2', 'people.maxRejected must be a number of rows, or { share: from 0 to 1 }'],
])('what is wrong with a source is told: %s as %s', async (right, wrong, reason) => {
  expect(sources).toContain(right)
  await expect(load(sources.replace(right, wrong))).rejects.toMatchObject({
    message: expect.stringContaining(reason),
  })
})

test('a file that is not there, and one that says nothing', async () => {
  await expect(loadProjectFile(join(dir, 'none.yaml'))).rejects.toMatchObject({ code: 'project.not_found' })
  await expect(load('')).rejects.toMatchObject({
    message: expect.stringContaining('the file must be a mapping'),
  })
  expect(() => readProject({ entities: {} })).toThrow('project is missing')
})
