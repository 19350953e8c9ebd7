import {
  categoricalColumn,
  classTarget,
  createFrame,
  exportModel,
  fit,
  gradientBoostingClassifier,
  modelFromBytes,
  modelToBytes,
  numericColumn,
} from '@millrace/learn'
import { fastify } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sendError } from '../../http/errors.ts'
import { validatorCompiler } from '../../http/validation.ts'
import { servingRoutes } from './routes.ts'
import { storeForestModel, storeManifest } from './testing/forest-model.ts'
import { createServingTestBed, noon, requestOf, type ServingTestBed } from './testing/test-bed.ts'

let bed: ServingTestBed
const app = fastify()
beforeAll(async () => {
  bed = await createServingTestBed()
  app.setValidatorCompiler(validatorCompiler)
  app.setErrorHandler(sendError)
  await app.register(servingRoutes(bed.serving))
  await bed.serving.start({ refreshMs: 1_000_000 })
})
afterAll(async () => {
  await app.close()
  await bed.close()
})

async function post(path: string, payload?: object) {
  const response = await app.inject({ method: 'POST', url: `/v1/endpoints/${path}`, payload })
  return { status: response.statusCode, headers: response.headers, body: response.json() }
}
const get = async (path: string) => (await app.inject({ url: `/v1/endpoints${path}` })).json()

test('an endpoint lives over HTTP from its first deployment to an aborted rollout', async () => {
  expect(await get('')).toMatchObject({
    items: [{ name: 'lateness', ready: false, stable: null, traffic: [] }],
  })
  expect(await post('lateness/predict', requestOf('a'))).toMatchObject({
    status: 404,
    body: { error_code: 'endpoint.not_deployed' },
  })
  await bed.register(await storeForestModel(bed.content))
  await bed.register(await storeForestModel(bed.content, { seed: 2 }))
  expect(await post('lateness/deploy', { model: 'late', version: 1 })).toMatchObject({
    status: 200,
    body: { revision: 1 },
  })
  const single = await post('lateness/predict', {
    ...requestOf('a'),
    inputs: { ...requestOf('a').inputs, at: '2024-01-01T02:30:00Z' },
  })
  expect(single.status).toBe(200)
  expect(Object.keys(single.body)).toEqual(['id', 'prediction', 'modelVersion', 'revision'])
  expect(await post('lateness/deploy', { model: 'late', version: 2, reason: 'better' })).toMatchObject({
    body: { revision: 2 },
  })
  expect(await get('/lateness')).toMatchObject({
    stable: 1,
    ready: true,
    traffic: [
      { revision: 1, percent: 90, modelVersion: 'late/1' },
      { revision: 2, percent: 10, variant: 'candidate' },
    ],
    revisions: [
      { revision: 1, reason: 'by hand' },
      { revision: 2, reason: 'better' },
    ],
  })
  expect(await post('lateness/rollout/evaluate')).toMatchObject({ body: { verdict: { outcome: 'wait' } } })
  expect(await post('lateness/rollout/abort', { reason: 'no' })).toMatchObject({ body: { state: 'Aborted' } })
  expect(await post('lateness/rollout/promote', {})).toMatchObject({
    status: 409,
    body: { error_code: 'endpoint.no_rollout' },
  })
})

test('a batch answers each row in its place', async () => {
  const { status, body } = await post('lateness/predict', {
    batch: [requestOf('x'), requestOf('y', { at: 'never' }), 7, requestOf(undefined)],
  })
  expect(status).toBe(200)
  expect(body.items).toHaveLength(4)
  expect(body.items[0]).toMatchObject({ id: 'x', revision: 1 })
  expect(body.items[1]).toMatchObject({
    id: 'y',
    error: { error_code: 'request.invalid', details: { field: 'inputs.at', value: '"never"' } },
  })
  expect(body.items[2].error.error_code).toBe('request.invalid')
  expect(body.items[3].id).toMatch(/^p_/)
})

test.each<[string, object | undefined, number]>([
  ['no body', undefined, 400],
  ['an unknown field', { ...requestOf('a'), explain: true }, 400],
  ['both forms', { ...requestOf('a'), batch: [] }, 400],
  ['an empty batch', { batch: [] }, 400],
  ['a batch that is too big', { batch: new Array(1001).fill(requestOf(undefined)) }, 400],
  ['a column of the wrong type', requestOf('a', { size: 'big' }), 400],
  ['a row on which an on-demand view fails', requestOf('a', { size: 13 }), 422],
])('%s is refused', async (_, payload, status) => {
  const response = await post('lateness/predict', payload)
  expect(response.status).toBe(status)
  expect(response.body.error_code).toBeTypeOf('string')
})

test('overload is 503 with Retry-After', async () => {
  const other = bed.createService({ maxQueued: 1 })
  const small = fastify()
  small.setValidatorCompiler(validatorCompiler)
  small.setErrorHandler(sendError)
  await small.register(servingRoutes(other))
  await other.start({ refreshMs: 1_000_000 })
  const response = await small.inject({
    method: 'POST',
    url: '/v1/endpoints/lateness/predict',
    payload: { batch: [requestOf('a'), requestOf('b')] },
  })
  expect(response.statusCode).toBe(503)
  expect(response.headers['retry-after']).toBe('1')
  expect(response.json().error_code).toBe('endpoint.overloaded')
  await small.close()
  await other.close()
})

test('feedback is taken whole or not at all', async () => {
  await post('lateness/predict', requestOf('f', { at: noon + 5 }))
  const before = await get('/lateness/log')
  expect(
    await post('lateness/feedback', {
      items: [
        { id: 'f', label: true, at: noon },
        { id: 'g', label: 0 },
      ],
    }),
  ).toMatchObject({
    status: 200,
    body: { accepted: 2 },
  })
  for (const items of [
    [{ id: 'f', label: 'yes' }],
    [{ id: 'f', label: 0.5 }],
    [{ id: '', label: 1 }],
    [{ label: 1 }],
    [{ id: 'f', label: 1, extra: 1 }],
    5,
  ]) {
    expect((await post('lateness/feedback', { items })).status).toBe(400)
  }
  expect(await get('/lateness/log')).toEqual({
    ...before,
    labels: before.labels + 2,
    orphans: before.orphans + 1,
  })
  const metrics = await bed.metrics.metrics()
  expect(metrics).toContain('millrace_prediction_rows_total{endpoint="lateness",revision="1",outcome="ok"}')
  expect(metrics).toContain('outcome="invalid"')
  expect(metrics).toMatch(/millrace_serving_log_bytes_total\{endpoint="lateness",log="feedback"\} \d+/)
})

const features = [
  { name: 'size', type: 'int64' },
  { name: 'kind', type: 'string' },
  { name: 'hour', type: 'int64' },
]

/** Deploys boosted trees that say late to the big ones of kind b, with these files of the model folder. */
async function deployTrees(paths: readonly string[]) {
  const rows = Array.from({ length: 200 }, (_, row) => row)
  const frame = createFrame({
    size: numericColumn(rows.map((row) => (row * 37) % 100)),
    kind: categoricalColumn(rows.map((row) => (row % 3 ? 'b' : 'a'))),
    hour: numericColumn(rows.map((row) => row % 24)),
  })
  const target = classTarget(rows.map((row) => (row * 37) % 100 > 50 && row % 3 > 0))
  const model = fit(gradientBoostingClassifier({ nEstimators: 10, maxDepth: 3 }), { frame, target })
  const folder: Record<string, Uint8Array> = {
    'model.bin': modelToBytes(model),
    'model.onnx': exportModel(model),
  }
  const stored = paths.map(async (path) => [path, (await bed.content.putBytes(folder[path])).digest])
  const files = Object.fromEntries(await Promise.all(stored))
  const { version } = await bed.register(
    await storeManifest(bed.content, { files, features, classes: [false, true] }),
  )
  const deployed = await post('lateness/deploy', { model: 'late', version, strategy: 'all-at-once' })
  expect(deployed.status).toBe(200)
  return { model: modelFromBytes(folder['model.bin']), modelVersion: `late/${version}` }
}

test('an explanation adds up to the score of the prediction, and logs nothing', async () => {
  const { modelVersion } = await deployTrees(['model.bin', 'model.onnx'])
  const before = await get('/lateness/log')
  const request = requestOf('why', { size: 90, kind: 'b' })
  const { status, body } = await post('lateness/explain', request)
  expect(status).toBe(200)
  expect(body).toMatchObject({
    id: 'why',
    modelVersion,
    prediction: { label: 1 },
    explanation: { link: 'logistic', scores: [{ label: 1 }] },
  })
  const [{ base, score, contributions, others }] = body.explanation.scores
  expect(others).toBeUndefined()
  expect(
    contributions.map(({ feature, value }: { feature: string; value: unknown }) => [feature, value]),
  ).toEqual([
    ['size', 90],
    ['kind', 'b'],
    ['hour', 2],
  ])
  const sum = contributions.reduce(
    (total: number, one: { contribution: number }) => total + one.contribution,
    base,
  )
  expect(score).toBeCloseTo(sum, 10)
  expect(1 / (1 + Math.exp(-score))).toBeCloseTo(body.prediction.probability, 6)
  const predicted = await post('lateness/predict', { inputs: request.inputs })
  expect(predicted.body.prediction.probability).toBeCloseTo(body.prediction.probability, 6)

  const { items } = (
    await post('lateness/explain', { batch: [requestOf(undefined, { size: 90, kind: 'b' }), 7], top: 1 })
  ).body
  const [shortened] = items[0].explanation.scores
  expect(items[0]).not.toHaveProperty('id')
  expect(shortened.contributions).toEqual(contributions.slice(0, 1))
  expect(shortened.others).toBeCloseTo(contributions[1].contribution + contributions[2].contribution, 10)
  expect(items[1].error.error_code).toBe('request.invalid')
  // The one prediction above, and no more.
  expect(await get('/lateness/log')).toEqual({ ...before, predictions: before.predictions + 1 })
  expect(await bed.metrics.metrics()).toContain(
    'millrace_explanation_rows_total{endpoint="lateness",outcome="ok"} 2',
  )
})

test('a model without a file of our own format is not explained, and the answer says so', async () => {
  const { modelVersion } = await deployTrees(['model.onnx'])
  expect(await post('lateness/explain', requestOf(undefined))).toMatchObject({
    status: 409,
    body: {
      error_code: 'endpoint.not_explained',
      details: { endpoint: 'lateness', modelVersion, reason: 'it has no file model.bin, only model.onnx' },
    },
  })
})

test.each<[string, object]>([
  ['both forms', { ...requestOf('a'), batch: [] }],
  ['a batch that is too big', { batch: new Array(101).fill(requestOf(undefined)) }],
  ['no contributions', { ...requestOf('a'), top: 0 }],
  ['a column of the wrong type', requestOf('a', { size: 'big' })],
])('an explanation of %s is refused', async (_, payload) => {
  expect(await post('lateness/explain', payload)).toMatchObject({
    status: 400,
    body: { error_code: 'request.invalid' },
  })
})
