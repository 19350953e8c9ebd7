import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fastify } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sendError } from '../../http/errors.ts'
import { validatorCompiler } from '../../http/validation.ts'
import { createTemporaryData } from '../../testing/temporary-data.ts'
import { dataRoutes, ingestStep } from '../data/index.ts'
import type { StepContext } from '../pipelines/index.ts'
import { featureRoutes } from './routes.ts'
import { createFeatureService } from './service.ts'
import { buildTrainingSetStep } from './steps.ts'

const hour = 3_600_000
const definitions = [
  {
    kind: 'dataset',
    name: 'sales',
    source: { format: 'csv', path: 'sales.csv' },
    schema: { at: 'timestamp', shop: 'string', amount: 'float64' },
    derived: {},
    timestamp: 'at',
    expectations: [],
  },
  { kind: 'entity', name: 'shop', key: { shop: 'string' } },
  {
    kind: 'feature-view',
    name: 'shop_sales',
    entity: 'shop',
    from: 'sales',
    timestamp: 'at',
    ttlMs: null,
    hopMs: hour,
    features: { amount_2h: { type: 'float64', aggregate: 'sum', sql: 'amount', windowMs: 2 * hour } },
  },
  {
    kind: 'feature-service',
    name: 'shop_features',
    featureViews: ['shop_sales'],
    onDemandViews: [],
    request: {},
    timestamp: 'at',
  },
  {
    kind: 'training-set',
    name: 'big_sales',
    spine: 'sales',
    service: 'shop_features',
    label: { name: 'big', type: 'boolean', sql: 'amount > 5' },
  },
]

let embedded: Awaited<ReturnType<typeof createTemporaryData>>
const app = fastify()
let features: ReturnType<typeof createFeatureService>
beforeAll(async () => {
  embedded = await createTemporaryData()
  features = createFeatureService(embedded)
  app.setValidatorCompiler(validatorCompiler)
  app.setErrorHandler(sendError)
  await app.register(dataRoutes(embedded.data))
  await app.register(featureRoutes(features))
  await embedded.apply(definitions)
  await writeFile(
    join(embedded.dir, 'sales.csv'),
    'at,shop,amount\n1970-01-01 00:10:00,a,1.5\n1970-01-01 01:00:00,a,2\n1970-01-01 02:00:00,b,8\n',
  )
})
afterAll(async () => {
  await app.close()
  await embedded.close()
})

const post = async (url: string, payload: object) => {
  const response = await app.inject({ method: 'POST', url, payload })
  return { status: response.statusCode, body: response.json() }
}
const get = async (url: string) => (await app.inject({ url })).json()

test('a dataset is registered, materialised and read over HTTP', async () => {
  const { body: version } = await post('/v1/datasets/sales/versions', {})
  expect(version).toMatchObject({ dataset: 'sales', rows: 3 })
  expect(await get('/v1/datasets/sales/versions?limit=1')).toMatchObject({
    items: [{ version: version.version }],
  })
  expect(await get(`/v1/datasets/sales/versions/${version.version}`)).toEqual(version)
  expect((await get('/v1/datasets/sales/validations')).items[0]).toMatchObject({ accepted: true })
  const done = await post('/v1/feature-views/shop_sales/materialize', { until: 2 * hour + 5 })
  expect(done.body).toMatchObject({ until: 2 * hour, rows: 1 })
  const rows = ['a', 'b'].map((shop) => ({ shop, at: 2 * hour + 7 }))
  expect((await post('/v1/feature-services/shop_features/online', { rows })).body).toEqual({
    values: [{ amount_2h: 3.5 }, { amount_2h: null }],
    statuses: [{ amount_2h: 'PRESENT' }, { amount_2h: 'NOT_FOUND' }],
    staleness: [{ shop_sales: 0 }, { shop_sales: null }],
  })
})

test('errors have their code and status', async () => {
  expect(await post('/v1/datasets/none/versions', {})).toMatchObject({
    status: 404,
    body: { error_code: 'definition.not_found' },
  })
  expect(await post('/v1/datasets/sales/versions', { path: 7 })).toMatchObject({ status: 400 })
  expect(await post('/v1/feature-services/shop_features/online', { rows: [{ shop: 'a' }] })).toMatchObject({
    status: 400,
    body: { error_code: 'feature.row_invalid', message: 'Row 0: at is required, got nothing.' },
  })
  expect(await post('/v1/feature-views/none/materialize', { until: 1 })).toMatchObject({ status: 404 })
})

test('the online store is not brought to a time that is yet to come, for it never goes back', async () => {
  const ahead = await post('/v1/feature-views/shop_sales/materialize', { until: Date.UTC(9999, 0, 1) })
  expect(ahead).toMatchObject({ status: 400, body: { error_code: 'feature.time_ahead' } })
  expect(ahead.body.message).toContain(
    '9999-01-01T00:00:00.000Z: by the clock of the server it is 2001-09-09',
  )
  const beyond = await post('/v1/feature-views/shop_sales/materialize', { until: 8_640_000_000_000_001 })
  expect(beyond).toMatchObject({ status: 400, body: { error_code: 'request.invalid' } })
})

test('the steps pass references on and may run again', async () => {
  const context: StepContext = {
    pipelineRun: 'run',
    node: 'node',
    attempt: 1,
    signal: new AbortController().signal,
    progress: () => undefined,
    log: () => undefined,
    tempDir: embedded.tempDir,
  }
  const ingested = await ingestStep(embedded.data).run(context, { dataset: 'sales' })
  expect(ingested).toEqual({ version: { dataset: 'sales', version: expect.any(String) }, rows: 3 })
  const inputs = { set: 'big_sales', version: ingested.version, from: 0, until: '1970-01-01T02:00:00.000Z' }
  const built = await buildTrainingSetStep(features).run(context, inputs)
  expect(built).toEqual({ data: { digest: expect.any(String), name: 'big_sales', rows: 2 }, rows: 2 })
  expect(await buildTrainingSetStep(features).run(context, inputs)).toEqual(built)
  const { digest } = built.data as { digest: string }
  const manifest = await embedded.content.getBytes(digest)
  expect(createHash('sha256').update(manifest).digest('hex')).toBe(digest)
  expect(await get(`/v1/training-sets/${digest}`)).toMatchObject({ label: 'big', rows: 2 })
  await expect(
    buildTrainingSetStep(features).run(context, { ...inputs, until: 'soon' }),
  ).rejects.toMatchObject({ code: 'request.invalid' })
})
