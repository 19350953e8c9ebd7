import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fastify } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFeatureService } from '../../domains/features/index.ts'
import { createImportedServices } from '../../domains/imports/index.ts'
import { sendError } from '../../http/errors.ts'
import { createUnknownRoutes } from '../../http/unknown-route.ts'
import { validatorCompiler } from '../../http/validation.ts'
import { createLogger } from '../../kernel/logger.ts'
import { createTemporaryData } from '../../testing/temporary-data.ts'
import { importRegistry } from './import.ts'
import { feastRoutes } from './routes.ts'

const hour = 3_600_000
let embedded: Awaited<ReturnType<typeof createTemporaryData>>
let app: ReturnType<typeof fastify>
/** Materializations wait for it. */
let gate = Promise.resolve()

beforeAll(async () => {
  embedded = await createTemporaryData()
  const importedServices = createImportedServices(embedded)
  const bytes = await readFile(join(import.meta.dirname, 'fixtures/registry.db'))
  await importRegistry(
    { ...embedded, importedServices },
    { bytes, project: undefined, dryRun: false, allowDestroy: false },
  )
  const features = createFeatureService(embedded)
  app = fastify()
  app.setValidatorCompiler(validatorCompiler)
  app.setErrorHandler(sendError)
  app.decorate('refuseUnknown', createUnknownRoutes({ maxParamLength: 512 }).refuse)
  const gated: typeof features = {
    ...features,
    async materialize(input) {
      await gate
      return features.materialize(input)
    },
  }
  const deps = { ...embedded, importedServices, features: gated, logger: createLogger('silent') }
  await app.register(feastRoutes(deps))
  await write()
})
afterAll(async () => {
  await app.close()
  await embedded.close()
})

const post = async (url: string, payload: object) => {
  const response = await app.inject({ method: 'POST', url, payload })
  return { status: response.statusCode, text: response.body }
}
/** An error of Feast is JSON text in JSON text. */
const refusal = async (url: string, payload: object) => {
  const { status, text } = await post(url, payload)
  const { module, ...rest } = JSON.parse(JSON.parse(text))
  expect(module).toBe('feast.errors')
  return { status, ...rest }
}
const read = async (payload: object, prefix = '/feast') => {
  const { status, text } = await post(`${prefix}/get-online-features`, payload)
  expect([status, text]).toEqual([200, expect.stringMatching(/^{/)])
  const { results, metadata } = JSON.parse(text)
  return Object.fromEntries(
    metadata.feature_names.map((name: string, i: number) => [
      name,
      [results[i].values, results[i].statuses, results[i].event_timestamps],
    ]),
  )
}
const iso = (ms: number) => new Date(ms).toISOString().replace('.000Z', 'Z')

async function write(): Promise<void> {
  const now = Math.floor(embedded.clock.now() / 1000) * 1000
  const naive = (ms: number) => new Date(ms).toISOString().slice(0, 19)
  const done = await post('/feast/write-to-online-store', {
    feature_view_name: 'driver_stats',
    allow_registry_cache: false,
    df: {
      driver_id: [1, 2],
      conv_rate: [5, null],
      acc_rate: [0.5, 0.25],
      avg_daily_trips: [10, 20],
      is_new: [true, false],
      last_seen: [1_700_000_000, null],
      tags: [['a'], []],
      event_timestamp: [naive(now), naive(now - 30 * hour)],
      created: [naive(now), null],
    },
  })
  expect(done).toEqual({ status: 200, text: 'null' })
}

test('features are answered in columns, keys first, in the order asked for', async () => {
  const { status, text } = await post('/get-online-features', {
    entities: { driver_id: ['1', 9] },
    features: ['driver_stats:is_new', 'driver_stats@latest:conv_rate', 'driver_stats:last_seen'],
    full_feature_names: false,
    include_feature_view_version_metadata: false,
  })
  const at = iso(Math.floor(embedded.clock.now() / 1000) * 1000)
  const epoch = '1970-01-01T00:00:00Z'
  const vector = (values: string, statuses: string, times: string) =>
    `{"values":[${values}],"statuses":[${statuses}],"event_timestamps":[${times}]}`
  const found = '"PRESENT","NOT_FOUND"'
  expect({ status, text }).toEqual({
    status: 200,
    // A whole number of a float column keeps its point: Feast's client tells types by it.
    text: `{"results":[${vector('1,9', '"PRESENT","PRESENT"', `"${epoch}","${epoch}"`)},${vector('true,null', found, `"${at}","${epoch}"`)},${vector('5.0,null', found, `"${at}","${epoch}"`)},${vector('1700000000,null', found, `"${at}","${epoch}"`)}],"metadata":{"feature_names":["driver_id","is_new","conv_rate","last_seen"]},"status":true}`,
  })
})

test('what is missing or too old has its own status; beneath /feast/exact it is as Feast has it', async () => {
  const asked = { entities: { driver: [2] }, features: ['driver_stats:acc_rate', 'driver_stats:conv_rate'] }
  expect(await read(asked)).toMatchObject({
    driver_id: [[2], ['PRESENT'], expect.anything()],
    acc_rate: [[null], ['OUTSIDE_MAX_AGE'], expect.anything()],
  })
  expect(await read(asked, '/feast/exact')).toMatchObject({
    acc_rate: [[0.25], ['PRESENT'], expect.anything()],
    conv_rate: [[null], ['PRESENT'], expect.anything()],
  })
})

test('imported services give what they chose, under their names', async () => {
  const rates = await read({ entities: { driver_id: [1] }, feature_service: 'rates' })
  expect(Object.keys(rates)).toEqual(['driver_id', 'conv_rate', 'acc_rate'])
  const renamed = await read({
    entities: { driver_id: [1], customer_id: ['c1'] },
    feature_service: 'renamed',
    full_feature_names: true,
  })
  expect(Object.keys(renamed)).toEqual([
    'driver_id',
    'customer_id',
    'today__conv_rate',
    'trips__fare',
    'trips__city',
  ])
  // A key that this view does not have is echoed all the same.
  const extra = await read({
    entities: { customer_id: ['c1'], driver_id: [1] },
    features: ['driver_stats:conv_rate'],
  })
  expect(Object.keys(extra)).toEqual(['customer_id', 'driver_id', 'conv_rate'])
})

test('a push reaches the view of its push source, the dataset, or both', async () => {
  const at = '2001-09-01 10:00:00.25'
  const df = { at: [at], driver: ['7'], customer_id: ['c'], amount: [3], city: [null] }
  expect(await post('/push', { push_source_name: 'trips', df, to: 'online_and_offline' })).toEqual({
    status: 200,
    text: '',
  })
  const asked = { entities: { driver_id: [7], customer_id: ['c'] }, features: ['trips:fare', 'trips:city'] }
  expect(await read(asked)).toMatchObject({
    fare: [[3], ['PRESENT'], ['2001-09-01T10:00:00.250Z']],
    city: [[null], ['NULL_VALUE'], ['2001-09-01T10:00:00.250Z']],
  })
  const version = await embedded.data.latestVersion('trips')
  expect(
    await embedded.lake.rows(`SELECT driver_id, amount FROM ${await embedded.data.relation(version)}`),
  ).toEqual([{ driver_id: 7, amount: 3 }])
  // A column that nobody knows is dropped online, as Feast does, and refused offline.
  const wider = { ...df, at: ['2001-09-02'], amount: [4], other: [1] }
  expect((await post('/push', { push_source_name: 'trips', df: wider })).status).toBe(200)
  expect((await read(asked)).fare[0]).toEqual([4])
  expect(await refusal('/push', { push_source_name: 'trips', df: wider, to: 'offline' })).toMatchObject({
    status: 422,
    class: 'FeastError',
  })
})

test('a push leaves out views of queries, even if one of them reads the dataset', async () => {
  const trips = await embedded.definitions.get('feature-view', 'trips')
  const { schema, derived } = await embedded.definitions.get('dataset', 'trips')
  const computed = Object.fromEntries(Object.entries(derived).map(([name, { type }]) => [name, type]))
  const columns = { ...schema, ...computed }
  const sql = `SELECT ${Object.keys(columns).join(', ')} FROM trips WHERE amount > 10`
  const query = { sql, uses: ['trips'], schema: columns }
  const large = { ...trips, name: 'large_trips', query }
  const apply = (definitions: object[]) =>
    embedded.definitions.apply({
      ...{ project: 'queries', definitions, bundle: null, dryRun: false, allowDestroy: true },
    })
  await apply([large])
  const df = { at: ['2001-09-01 11:00:00'], driver: ['8'], customer_id: ['c'], amount: [30], city: [null] }
  for (const to of ['online', 'online_and_offline']) {
    expect(await post('/push', { push_source_name: 'trips', df, to })).toEqual({ status: 200, text: '' })
  }
  const entities = { driver_id: [8], customer_id: ['c'] }
  expect((await read({ entities, features: ['trips:fare'] })).fare[0]).toEqual([30])
  expect((await read({ entities, features: ['large_trips:fare'] })).fare[1]).toEqual(['NOT_FOUND'])
  expect(await refusal('/push', { push_source_name: 'large_trips', df })).toMatchObject({
    class: 'PushSourceNotFoundException',
  })
  await apply([])
})

test('materialization brings what the dataset has into the online store', async () => {
  const body = { start_ts: '2001-01-01T00:00:00', end_ts: '2001-09-03T00:00:00', feature_views: ['trips'] }
  expect(await post('/feast/materialize', body)).toEqual({ status: 200, text: 'null' })
  // In the background one at a time, unless it is forced.
  let release = () => {}
  gate = new Promise((resolve) => {
    release = resolve
  })
  const later = { end_ts: body.end_ts, feature_views: ['trips'] }
  const inBackground = (query: string) => post(`/feast/materialize-incremental?async=true${query}`, later)
  const [first, second, forced] = await Promise.all(['', '', '&force=true'].map(inBackground))
  expect(first).toEqual({ status: 202, text: '{"status":"accepted","feature_views":["trips"]}' })
  expect([second.status, JSON.parse(second.text)]).toMatchObject([409, { feature_views: ['trips'] }])
  expect(forced.status).toBe(202)
  release()
  expect((await post('/materialize', { ...body, start_ts: body.end_ts })).status).toBe(422)
  // Its file is not there.
  expect((await post('/materialize', { ...body, feature_views: ['driver_stats'] })).status).toBe(400)
})

test('refusals name the exception that the client raises', async () => {
  const entities = { driver_id: [1] }
  const ask = (rest: object) => refusal('/get-online-features', { entities, ...rest })
  expect(await ask({ features: ['none:a'] })).toEqual({
    status: 404,
    class: 'FeatureViewNotFoundException',
    message: 'Feature view none does not exist',
  })
  expect(await ask({ feature_service: 'none' })).toMatchObject({
    status: 404,
    class: 'FeatureServiceNotFoundException',
  })
  expect(await ask({ features: ['driver_stats:none'] })).toMatchObject({ status: 404 })
  expect(await ask({ features: ['driver_stats'] })).toMatchObject({ status: 400, class: 'FeastError' })
  expect(await ask({ features: [] })).toMatchObject({ status: 422 })
  expect(await ask({ features: ['driver_stats@v2:is_new'] })).toMatchObject({
    class: 'FeatureViewVersionNotFound',
  })
  expect(await ask({ features: ['driver_stats:is_new', 'driver_stats:is_new'] })).toMatchObject({
    class: 'FeatureNameCollisionError',
  })
  const features = ['driver_stats:is_new']
  expect(await ask({ features, entities: { driver_id: ['x'] } })).toMatchObject({
    status: 400,
    message: 'Row 0: driver_id must be a whole number, got "x".',
  })
  expect(await ask({ features, entities: { customer_id: ['x'] } })).toMatchObject({
    message: 'Values of the join key "driver_id" are missing; given are customer_id',
  })
  expect(await ask({ features, entities: { driver_id: [1], other: [1] } })).toMatchObject({ status: 400 })
  expect(await ask({ features, entities: { driver_id: [1], customer_id: [] } })).toMatchObject({
    status: 422,
  })
  expect(await refusal('/push', { push_source_name: 'none', df: { a: [1] } })).toMatchObject({
    status: 422,
    class: 'PushSourceNotFoundException',
  })
  expect(
    await refusal('/write-to-online-store', { feature_view_name: 'none', df: { a: [1] } }),
  ).toMatchObject({
    class: 'FeatureViewNotFoundException',
  })
})

test('what the schema refuses is answered as FastAPI answers it', async () => {
  const { status, text } = await post('/feast/get-online-features', { features: ['a:b'] })
  expect([status, JSON.parse(text)]).toEqual([
    422,
    { detail: [{ type: 'value_error', loc: ['body', 'entities'], msg: 'is required', input: null }] },
  ])
  const pushed = await post('/push', { push_source_name: 'trips', df: { a: [1] }, to: 'nowhere' })
  expect(pushed.status).toBe(422)
})
