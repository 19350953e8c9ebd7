import { join } from 'node:path'
import {
  categoricalColumn,
  createFrame,
  extraTreesRegressor,
  gradientBoostingClassifier,
  impute,
  kMeans,
  kNeighborsRegressor,
  type LearnerSpec,
  linearRegression,
  logisticRegression,
  modelFromBytes,
  numericColumn,
  oneHot,
  pipeline,
  predict,
  standardScale,
} from '@millrace/learn'
import { fastify } from 'fastify'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { sendError } from '../../http/errors.ts'
import { validatorCompiler } from '../../http/validation.ts'
import { createLogger } from '../../kernel/logger.ts'
import { createTemporaryTraining } from '../../testing/temporary-training.ts'
import { readManifest } from '../registry/index.ts'
import { createServingMetrics } from './metrics.ts'
import { servingRoutes } from './routes.ts'
import { nativeRuntime } from './runtimes/native.ts'
import { onnxRuntime } from './runtimes/onnx.ts'
import { createServingService } from './service.ts'

let stack: Awaited<ReturnType<typeof createTemporaryTraining>>
let serving: ReturnType<typeof createServingService>
const app = fastify()

beforeAll(async () => {
  stack = await createTemporaryTraining()
  serving = createServingService({
    ...stack,
    logDir: join(stack.dir, 'logs'),
    logger: createLogger('silent'),
    metrics: createServingMetrics(new Registry()),
  })
  app.setValidatorCompiler(validatorCompiler)
  app.setErrorHandler(sendError)
  await app.register(servingRoutes(serving))
  await serving.start({ refreshMs: 1_000_000 })
}, 60_000)
afterAll(async () => {
  await app.close()
  await serving.close()
  await stack.close()
})

const prepared = (learner: LearnerSpec) =>
  pipeline({
    columns: [
      ['origin', [oneHot({ handleUnknown: 'ignore' })]],
      [{ kind: 'numeric' }, [impute(), standardScale()]],
    ],
    learner,
  })

async function post(path: string, payload: object) {
  const response = await app.inject({ method: 'POST', url: `/v1/endpoints/${path}`, payload })
  return { status: response.statusCode, body: response.json() }
}

const inputs = [
  { date: '2001-03-01T12:00:00Z', distance: 300, origin: 'A1', hour: 7, wind: 0.9 },
  { date: '2001-03-01T13:00:00Z', distance: 250, origin: 'A6', hour: 19, wind: -0.9 },
  { date: '2001-03-01T14:00:00Z', distance: 599, origin: 'nowhere', hour: 0, wind: null },
]
/** The rows as the model sees them: no departures are known online, which a count gives as 0. */
const frame = createFrame({
  departures_1d: numericColumn(inputs.map(() => 0)),
  distance: numericColumn(inputs.map(({ distance }) => distance)),
  origin: categoricalColumn(inputs.map(({ origin }) => origin)),
  hour: numericColumn(inputs.map(({ hour }) => hour)),
  wind: numericColumn(inputs.map(({ wind }) => wind)),
})

/** Trains, judges, registers and deploys; what the model itself predicts, and what the endpoint answers. */
async function serve(endpoint: string, set: string, learner: LearnerSpec, gate: object) {
  const data = await stack.build(set, 1, 20)
  const later = await stack.build(set, 20, 30)
  const model = await stack.train({ data, learner })
  const { evaluation, reason } = await stack.evaluate({ model, data: later, gate })
  const { version, status } = await stack.register({ model, evaluation, name: endpoint })
  expect({ status, reason }).toMatchObject({ status: 'READY' })
  const deployed = await post(`${endpoint}/deploy`, { model: endpoint, version })
  expect(deployed).toMatchObject({ status: 200 })
  const manifest = await readManifest(stack.content, model.digest)
  const own = modelFromBytes(await stack.content.getBytes(manifest.files['model.bin']))
  const { status: answered, body } = await post(`${endpoint}/predict`, {
    batch: inputs.map((row, i) => ({ id: `${endpoint} ${i}`, inputs: row })),
  })
  expect(answered).toBe(200)
  const answers: Record<string, unknown>[] = body.items.map(
    ({ prediction }: { prediction: Record<string, unknown> }) => prediction,
  )
  return { manifest, own: predict(own, frame), answers }
}

it('answers for two classes with the label and the probability of 1', async () => {
  const { own, answers } = await serve(
    'lateness',
    'late_flights',
    gradientBoostingClassifier({ nEstimators: 10 }),
    {
      metrics: { rocAuc: { min: 0.7 } },
    },
  )
  if (own.task !== 'classification') throw new Error(own.task)
  expect(answers).toEqual(
    inputs.map((_, row) => {
      const probability = own.probabilities[2 * row + 1]
      return { label: probability > 0.5 ? 1 : 0, probability: expect.closeTo(probability, 6) }
    }),
  )
  const feedback = { items: [{ id: 'lateness 0', label: true }] }
  expect(await post('lateness/feedback', feedback)).toMatchObject({ status: 200 })
})

it('answers for more classes with the class and the probability of each', async () => {
  const { own, answers } = await serve('breezes', 'breezes', prepared(logisticRegression()), {
    metrics: { accuracy: { min: 0.5 } },
  })
  if (own.task !== 'classification') throw new Error(own.task)
  expect(answers.map(({ label }) => label)).toEqual(
    answers.map(({ probabilities }) => {
      const [[likeliest]] = Object.entries(probabilities as object).toSorted(([, a], [, b]) => b - a)
      return likeliest
    }),
  )
  expect(answers.map(({ label }) => label).slice(0, 2)).toEqual(['tail', 'head'])
  expect(answers.map(({ probabilities }) => probabilities)).toEqual(
    inputs.map((_, row) =>
      Object.fromEntries(
        own.classes.map((label, code) => [label, expect.closeTo(own.probabilities[3 * row + code], 5)]),
      ),
    ),
  )
  const window = await serving.readWindow('breezes', { from: 0, until: Date.UTC(2002) })
  expect(window.prediction).toMatchObject({
    kind: 'string',
    dictionary: expect.arrayContaining(['tail', 'head']),
  })
})

it('answers without a label, of a model that nobody judged', async () => {
  const data = await stack.build('all_flights', 1, 4)
  const model = await stack.train({ data, learner: prepared(kMeans({ nClusters: 3 })) })
  const { version } = await stack.register({ model, name: 'all_flights' })
  expect(await post('all_flights/deploy', { model: 'all_flights', version })).toMatchObject({ status: 200 })
  const { body } = await post('all_flights/predict', { batch: inputs.map((row) => ({ inputs: row })) })
  const { files } = await readManifest(stack.content, model.digest)
  const own = predict(modelFromBytes(await stack.content.getBytes(files['model.bin'])), frame)
  if (own.task !== 'clustering') throw new Error(own.task)
  expect(body.items.map(({ prediction }: { prediction: unknown }) => prediction)).toEqual(
    Array.from(own.clusters, (cluster, row) => ({
      cluster,
      distance: expect.closeTo(own.distances[row], 3),
    })),
  )
  const window = await serving.readWindow('all_flights', { from: 0, until: Date.UTC(2002) })
  expect(window.prediction).toMatchObject({ kind: 'string' })
})

describe('for numbers', () => {
  it.each([
    ['that ONNX knows', prepared(linearRegression())],
    ['of neighbours', prepared(kNeighborsRegressor())],
    ['of trees', extraTreesRegressor({ nEstimators: 10, maxDepth: 8 })],
  ])('answers with the value, of a model %s', async (_, learner) => {
    const endpoint = 'durations'
    const { own, answers } = await serve(endpoint, 'durations', learner, { metrics: { r2: { min: 0.2 } } })
    if (own.task !== 'regression') throw new Error(own.task)
    expect(await post(`${endpoint}/rollout/promote`, {})).toBeDefined()
    const { body } = await post(`${endpoint}/predict`, { batch: inputs.map((row) => ({ inputs: row })) })
    const values = body.items.map(({ prediction }: { prediction: { value: number } }) => prediction.value)
    expect(values).toEqual(Array.from(own.values, (value) => expect.closeTo(value, 3)))
    expect(answers.every(({ value }) => typeof value === 'number')).toBe(true)
  })
})

describe.each([
  ['in ONNX', onnxRuntime, 'model.onnx'],
  ['in our own format', nativeRuntime, 'model.bin'],
])('a model %s', (_, runtime, file) => {
  let model: Awaited<ReturnType<typeof runtime.load>>
  let digests: Record<string, string>
  let manifest: Awaited<ReturnType<typeof readManifest>>

  beforeEach(async () => {
    const learner = prepared(linearRegression())
    const trained = await stack.train({ data: await stack.build('durations', 1, 4), learner })
    manifest = await readManifest(stack.content, trained.digest)
    digests = manifest.files
    expect(runtime.supports(manifest)).toBe(true)
    model = await runtime.load(manifest, (path) => stack.content.openLocal(digests[path]))
  })

  it('predicts the same, twice in one batch', async () => {
    const own = predict(modelFromBytes(await stack.content.getBytes(digests['model.bin'])), frame)
    if (own.task !== 'regression') throw new Error(own.task)
    const batch = model.batch(inputs.length)
    for (const run of [1, 2]) {
      for (const [c, { name }] of manifest.features.entries()) {
        const column = batch.columns[c]
        const given = inputs.map((row) => ({ ...row, departures_1d: 0 })[name as 'wind'])
        for (const [row, value] of given.entries()) {
          if (Array.isArray(column)) column[row] = String(value)
          else column[row] = value ?? Number.NaN
        }
      }
      const predicted = await batch.run()
      expect(predicted, `${file} ${run}`).toEqual(
        Array.from(own.values, (value) => ({ value: expect.closeTo(value, 3) })),
      )
    }
    await model.unload()
  })

  it('is refused if it predicts something else than its manifest says', async () => {
    const wrong = { ...manifest, task: 'binary-classification' as const, classes: ['a', 'b'] }
    await expect(runtime.load(wrong, (path) => stack.content.openLocal(digests[path]))).rejects.toThrow(
      /output "label" should be string, the graph has none|predicts "numbers", the manifest says \["a","b"\]/,
    )
    await model.unload()
  })
})
