import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fastify } from 'fastify'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { sendError } from '../../http/errors.ts'
import { validatorCompiler } from '../../http/validation.ts'
import { createTemporaryData } from '../../testing/temporary-data.ts'
import { addPush, listPushes, type PushTables } from './push-store.ts'
import { featureRoutes } from './routes.ts'
import { createFeatureService, type FeatureService } from './service.ts'

const hour = 3_600_000
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
const sales = {
  kind: 'dataset',
  name: 'sales',
  source: { format: 'parquet', path: 'sales.parquet' },
  schema: { at: 'timestamp', shop: 'string', amount: 'float64', count: 'int64', open: 'boolean' },
  derived: { net: { type: 'float64', sql: 'amount / 2' }, root: { type: 'float64', sql: 'sqrt(amount)' } },
  timestamp: 'at',
  expectations: [],
}
const definitions = [
  sales,
  { kind: 'entity', name: 'shop', key: { shop: 'string' } },
  view('newest', {
    features: {
      amount: { type: 'float64', last: 'amount' },
      open: { type: 'boolean', last: 'open' },
      amount_2h: { type: 'float64', aggregate: 'sum', sql: 'amount', windowMs: 2 * hour },
    },
  }),
  view('derived', { features: { root: { type: 'float64', last: 'root' } } }),
  view('windows', { features: { n: { type: 'int64', aggregate: 'count', windowMs: hour } } }),
]

let embedded: Awaited<ReturnType<typeof createTemporaryData>>
let features: FeatureService
let app: ReturnType<typeof fastify>

async function start(): Promise<void> {
  features = createFeatureService(embedded)
  app = fastify()
  app.setValidatorCompiler(validatorCompiler)
  app.setErrorHandler(sendError)
  await app.register(featureRoutes(features))
}
beforeAll(async () => {
  embedded = await createTemporaryData()
  await embedded.apply(definitions)
  await start()
})
afterAll(async () => {
  await app.close()
  await embedded.close()
})
let version: string | undefined
beforeEach(async () => {
  version = (await embedded.data.listVersions('sales')).items[0]?.version
})
afterEach(async () => {
  expect(await listPushes(embedded.db.tables<PushTables>())).toEqual([])
})

const row = (at: number, shop: string, amount: number | null) => ({
  at,
  shop,
  amount,
  count: 2 ** 53 - 1,
  open: true,
})
const push = async (to: string | undefined, rows: object[], name = 'newest') => {
  const response = await app.inject({
    method: 'POST',
    url: `/v1/feature-views/${name}/push`,
    payload: { rows, ...(to && { to }) },
  })
  return { status: response.statusCode, body: response.json() }
}
const online = async (shop: string, feature = 'newest:amount') => {
  const selected = await features.openSelection({ features: [feature] })
  const { values, statuses, eventTimes } = await selected.read([{ shop }])
  return [values[0][0], statuses[0][0], eventTimes[0][0]]
}
const offline = async () => {
  const latest = await embedded.data.latestVersion('sales')
  return embedded.lake.rows(
    `SELECT shop, amount, net, count FROM ${await embedded.data.relation(latest)} ORDER BY "at", shop, amount`,
  )
}

test('rows go to both stores: the newest are served, all are in a new version', async () => {
  const done = await push(undefined, [row(5, 'a', 1.5), row(7, 'a', 3), row(6, 'a', 2), row(1, 'b', null)])
  expect(done).toMatchObject({
    status: 200,
    body: { view: 'newest', rows: 4, online: { keys: 2 }, offline: { dataset: 'sales' } },
  })
  expect(await online('a')).toEqual([3, 'PRESENT', 7])
  expect(await online('b')).toEqual([null, 'NULL_VALUE', 1])
  expect(await offline()).toEqual([
    { shop: 'b', amount: null, net: null, count: 2 ** 53 - 1 },
    { shop: 'a', amount: 1.5, net: 0.75, count: 2 ** 53 - 1 },
    { shop: 'a', amount: 2, net: 1, count: 2 ** 53 - 1 },
    { shop: 'a', amount: 3, net: 1.5, count: 2 ** 53 - 1 },
  ])
})

test('late rows come into the dataset and replace no newer value online', async () => {
  await push('both', [row(4, 'a', 9), row(8, 'b', 4)])
  expect(await online('a')).toEqual([3, 'PRESENT', 7])
  expect(await online('b')).toEqual([4, 'PRESENT', 8])
  expect(await offline()).toHaveLength(6)
})

test('rows go to one store alone', async () => {
  const there = await push('online', [{ at: 20, shop: 'c', amount: 1, open: false }])
  expect(there.body).toEqual({ view: 'newest', rows: 1, online: { keys: 1 }, offline: null })
  expect(await online('c', 'newest:open')).toEqual([false, 'PRESENT', 20])
  expect((await embedded.data.latestVersion('sales')).version).toBe(version)
  const here = await push('offline', [row(21, 'c', 5)])
  expect(here.body).toMatchObject({ online: null, offline: { dataset: 'sales' } })
  expect(await online('c')).toEqual([1, 'PRESENT', 20])
})

test('derived columns are computed as ingestion computes them', async () => {
  await push('online', [row(9, 'a', 4)], 'derived')
  expect(await online('a', 'derived:root')).toEqual([2, 'PRESENT', 9])
  expect(await push('online', [row(10, 'a', -4)], 'derived')).toMatchObject({
    status: 400,
    body: {
      error_code: 'feature.push_refused',
      message: expect.stringContaining('square root of a negative'),
    },
  })
})

test('what is refused is written nowhere', async () => {
  const now = embedded.clock.now()
  const cases: [object[], string, number, string][] = [
    [
      [row(30, 'a', 1), { ...row(31, 'a', 1), amount: 'x' }],
      'both',
      400,
      'Row 1: amount must be a finite number',
    ],
    [[row(30, 'a', 1), { at: 31, shop: 'a', amount: 1 }], 'both', 400, 'Row 1: count is required'],
    [[{ ...row(30, 'a', 1), at: null }], 'online', 400, 'Row 0: at must be a time'],
    [[row(30, 'a', 1), row(now + 25 * hour, 'a', 1)], 'both', 400, 'a day ahead'],
    // Ingestion refuses it: a derived column cannot be computed.
    [[row(30, 'a', -1)], 'both', 400, 'square root of a negative'],
  ]
  for (const [rows, to, status, message] of cases) {
    const answer = await push(to, rows)
    expect([answer.status, answer.body.message]).toEqual([status, expect.stringContaining(message)])
  }
  expect(await online('a')).toEqual([3, 'PRESENT', 7])
  expect((await embedded.data.latestVersion('sales')).version).toBe(version)
  const windows = await push('online', [row(30, 'a', 1)], 'windows')
  expect(windows).toMatchObject({ status: 400, body: { error_code: 'feature.push_refused' } })
  expect((await push('online', [row(30, 'a', 1)], 'none')).status).toBe(404)
})

test('a push that a crash came between is in both stores after the next start, once', async () => {
  const before = (await offline()).length
  // As a process leaves it that was killed after the note, and after the offline write.
  for (const [i, crash] of ['after the note', 'in between'].entries()) {
    const shop = `crash${i}`
    const rows = [row(40, shop, 4), row(41, shop, 6)]
    await addPush(embedded.db.tables<PushTables>(), { id: `push_${shop}`, view: 'newest', rows }, 1)
    if (crash === 'in between') await push('offline', rows)
    await app.close()
    await start()
    expect(await features.resumePushes()).toEqual([])
    expect(await online(shop)).toEqual([6, 'PRESENT', 41])
    expect(await offline()).toHaveLength(before + 2 * (i + 1))
  }
})

test('a push that is refused when it is taken up again is told, and not tried for ever', async () => {
  const pending = { id: 'push_bad', view: 'newest', rows: [row(50, 'e', -5)] }
  await addPush(embedded.db.tables<PushTables>(), pending, 1)
  const [refused] = await features.resumePushes()
  expect(refused).toMatchObject({ push: pending, error: { code: 'dataset.source_unreadable' } })
  expect(await online('e')).toEqual([null, 'NOT_FOUND', null])
})

test('values that were computed elsewhere are written as they are, newest rows and windows apart', async () => {
  const write = async (rows: object[]) => {
    const response = await app.inject({
      method: 'POST',
      url: '/v1/feature-views/newest/values',
      payload: { rows },
    })
    return { status: response.statusCode, body: response.json() }
  }
  expect((await write([{ shop: 'f', at: 60, amount: 1, open: null }])).body).toEqual({
    view: 'newest',
    rows: 1,
    taken: 1,
  })
  expect((await write([{ shop: 'f', at: 59, amount: 7, open: true }])).body).toMatchObject({ taken: 0 })
  expect(await online('f')).toEqual([1, 'PRESENT', 60])
  expect(await online('f', 'newest:amount_2h')).toEqual([null, 'NOT_FOUND', null])
  await write([{ shop: 'f', at: 61, amount_2h: 2.5 }])
  expect(await online('f', 'newest:amount_2h')).toEqual([2.5, 'PRESENT', 61])
  expect(await write([{ shop: 'f', at: 62, amount: 1 }])).toMatchObject({
    status: 400,
    body: { message: 'Row 0: open is required, got nothing.' },
  })
  expect(await write([{ shop: 'f', at: 62 }])).toMatchObject({ status: 400 })
})

test('rows that are older than the ttl are removed when asked', async () => {
  const expiring = view('expiring', {
    ttlMs: hour,
    features: { amount: { type: 'float64', last: 'amount' } },
  })
  await embedded.apply([...definitions, expiring])
  const now = embedded.clock.now()
  const rows = [row(now - hour - 1, 'old', 1), row(now - hour, 'fresh', 2)]
  await push('online', rows, 'expiring')
  const clean = () => app.inject({ method: 'POST', url: '/v1/feature-views/expiring/remove-expired' })
  expect((await clean()).json()).toEqual({ view: 'expiring', removed: 1 })
  expect((await clean()).json()).toEqual({ view: 'expiring', removed: 0 })
  expect(await online('old', 'expiring:amount')).toEqual([null, 'NOT_FOUND', null])
  expect(await online('fresh', 'expiring:amount')).toEqual([2, 'PRESENT', now - hour])
  expect(await features.removeExpired('newest')).toBe(0)
})

test('rows that are pushed at the same time leave the newest of them online and all offline', async () => {
  const before = (await offline()).length
  const times = [5, 3, 9, 1, 7]
  await Promise.all(times.map((at) => push('both', [row(100 + at, 'g', at)])))
  expect(await online('g')).toEqual([9, 'PRESENT', 109])
  expect(await offline()).toHaveLength(before + times.length)
})

test('of rows of one time both stores take the same one, whichever was pushed first', async () => {
  const written = { created: 'written', features: { amount: { type: 'float64', last: 'amount' } } }
  const own = await createTemporaryData()
  await own.apply([
    { ...sales, schema: { ...sales.schema, written: 'timestamp' } },
    ...definitions.slice(1),
    view('created', written),
  ])
  const service = createFeatureService(own)
  const tied = (shop: string, amount: number | null, made: number | null) => ({
    ...row(200, shop, amount),
    written: made,
  })
  const cases: [ReturnType<typeof tied>, ReturnType<typeof tied>][] = [
    [tied('h', 1, 3), tied('h', 2, 3)],
    [tied('i', 2, 1), tied('i', 1, 5)],
    [tied('j', null, null), tied('j', 3, 1)],
  ]
  for (const pair of cases) {
    for (const [swap, rows] of [pair, pair.toReversed()].entries()) {
      const named = rows.map((one) => ({ ...one, shop: `${one.shop}${swap}` }))
      for (const name of ['newest', 'created']) {
        const to = name === 'newest' ? 'both' : 'online'
        for (const one of named) await service.push({ view: name, rows: [one], to })
      }
    }
  }
  const shops = ['h0', 'h1', 'i0', 'i1', 'j0', 'j1']
  const all = async (feature: string) => {
    const selected = await service.openSelection({ features: [feature] })
    return (await selected.read(shops.map((shop) => ({ shop })))).values[0]
  }
  const served = [await all('newest:amount'), await all('created:amount')]
  expect(served).toEqual([
    [2, 2, 2, 2, null, null],
    [2, 2, 1, 1, 3, 3],
  ])
  // The rows as training and materialization have them.
  for (const name of ['newest', 'created']) await service.materialize({ view: name, until: 1000 })
  expect([await all('newest:amount'), await all('created:amount')]).toEqual(served)
  await own.close()
})

test('personal data are masked online as they are in the dataset, keys too', async () => {
  const masked = await createTemporaryData({ secrets: { MILLRACE_SECRET_PII_SALT: 'salt' } })
  const pii = { shop: { pii: 'name', mask: 'hash' } }
  await masked.apply([{ ...sales, pii }, ...definitions.slice(1)])
  const own = createFeatureService(masked)
  await own.push({ view: 'newest', rows: [row(1, 'a', 3)], to: 'both' })
  const latest = await masked.data.latestVersion('sales')
  const [{ shop }] = await masked.lake.rows<{ shop: string }>(
    `SELECT shop FROM ${await masked.data.relation(latest)}`,
  )
  expect(shop).toMatch(/^[a-f0-9]{64}$/)
  const selected = await own.openSelection({ features: ['newest:amount'] })
  expect((await selected.read([{ shop }, { shop: 'a' }])).values).toEqual([[3, null]])
  await masked.close()
})

test('a CSV dataset takes pushed rows, too', async () => {
  const csv = await createTemporaryData()
  await csv.apply([{ ...sales, source: { format: 'csv', path: 'sales.csv' } }, ...definitions.slice(1)])
  await writeFile(join(csv.dir, 'sales.csv'), 'at,shop,amount,count,open\n1970-01-01 00:00:00,a,1,1,true\n')
  await csv.data.ingest({ dataset: 'sales' })
  await createFeatureService(csv).push({ view: 'newest', rows: [row(2.5, 'a,"', 0.1)], to: 'both' })
  const latest = await csv.data.latestVersion('sales')
  expect(
    await csv.lake.rows(`SELECT "at", shop, amount FROM ${await csv.data.relation(latest)} ORDER BY "at"`),
  ).toEqual([
    { at: 0, shop: 'a', amount: 1 },
    { at: 2.5, shop: 'a,"', amount: 0.1 },
  ])
  await csv.close()
})
