import {
  dummyRegressor,
  gradientBoostingClassifier,
  impute,
  kNeighborsClassifier,
  linearRegression,
  logisticRegression,
  modelFromBytes,
  oneHot,
  pipeline,
  predict,
  standardScale,
} from '@millrace/learn'
import * as ort from 'onnxruntime-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTemporaryTraining } from '../../testing/temporary-training.ts'
import { readManifest } from '../registry/index.ts'
import { toLearnerRows } from './learner-data.ts'

let stack: Awaited<ReturnType<typeof createTemporaryTraining>>

beforeAll(async () => {
  stack = await createTemporaryTraining()
}, 60_000)
afterAll(() => stack.close())

const boosting = { nEstimators: 20, learningRate: 0.2, seed: 3 }
/** Numbers scaled, texts as flags, before any learner that wants numbers. */
const prepared = (learner: Parameters<typeof pipeline>[0]['learner']) =>
  pipeline({
    columns: [
      ['origin', [oneHot({ handleUnknown: 'ignore' })]],
      [{ kind: 'numeric' }, [impute(), standardScale()]],
    ],
    learner,
  })

const artifactsOf = async ({ runId }: { runId: string }) =>
  (await stack.tracking.listArtifacts(runId)).items.map(({ path }) => path)
const textOf = async (digest: string) => Buffer.from(await stack.content.getBytes(digest)).toString('utf8')

describe('a classifier of two classes', () => {
  it('is trained, judged, and registered', async () => {
    const data = await stack.build('late_flights', 1, 30)
    const later = await stack.build('late_flights', 30, 40)
    const model = await stack.train({ data, learner: gradientBoostingClassifier(boosting) })
    const run = await stack.tracking.getRun(model.runId)
    expect(run).toMatchObject({
      status: 'FINISHED',
      params: { learner: 'gradientBoostingClassifier', 'learner.nEstimators': '20', 'learner.seed': '3' },
      tags: { 'millrace.training_set': data.digest },
    })
    expect(Object.fromEntries(run.metrics.map(({ key, value }) => [key, value]))).toMatchObject({
      training_rows: data.rows,
      training_tail_roc_auc: expect.closeTo(0.95, 1),
    })
    expect(await artifactsOf(model)).toEqual(
      expect.arrayContaining([
        'feature_importance.json',
        'feature_importance.svg',
        'learner.json',
        'model/MLmodel',
        'model/input_example.json',
        'model/model.bin',
        'model/reference.json',
      ]),
    )
    const manifest = await readManifest(stack.content, model.digest)
    expect(manifest).toMatchObject({
      algorithm: 'gradientBoostingClassifier',
      task: 'binary-classification',
      classes: [false, true],
      label: { name: 'late', type: 'boolean' },
    })
    const score = await stack.evaluate({ model, data: later })
    expect(score).toMatchObject({ passed: true, evaluation: { scores: { rocAuc: expect.closeTo(0.95, 1) } } })
    const made = await stack.register({ model, evaluation: score.evaluation, name: 'boosted' })
    expect(made).toMatchObject({ status: 'READY', spec: { algorithm: ['gradientBoostingClassifier'] } })
  })

  it('may have texts as classes', async () => {
    const data = await stack.build('outcomes', 1, 20)
    const later = await stack.build('outcomes', 20, 30)
    const model = await stack.train({ data, learner: prepared(logisticRegression()) })
    expect(await readManifest(stack.content, model.digest)).toMatchObject({ classes: ['in time', 'late'] })
    expect(await artifactsOf(model)).toContain('coefficients.json')
    expect(await stack.evaluate({ model, data: later })).toMatchObject({ passed: true })
  })
})

describe('a classifier of three classes', () => {
  it('is trained and judged by limits of metrics', async () => {
    const data = await stack.build('breezes', 1, 20)
    const later = await stack.build('breezes', 20, 30)
    const model = await stack.train({
      data,
      learner: prepared(kNeighborsClassifier({ nNeighbors: 3 })),
    })
    expect(await readManifest(stack.content, model.digest)).toMatchObject({
      algorithm: 'kNeighborsClassifier',
      task: 'multiclass-classification',
      classes: ['calm', 'head', 'tail'],
    })
    const judged = await stack.evaluate({
      model,
      data: later,
      gate: {
        metrics: { accuracy: { min: 0.6 } },
        baseline: { groupBy: ['origin'], margins: { logLoss: 0, accuracy: 0.1 } },
      },
    })
    expect(judged.reason).toMatch(
      /^passed: accuracy 0\.\d+ \(at least 0.6\); logLoss .* of the class rates .* of the historical class rates by origin/,
    )
    const wrong = { metrics: { rootMeanSquaredError: { max: 1 } } }
    await expect(stack.evaluate({ model, data: later, gate: wrong })).rejects.toMatchObject({
      code: 'step.input_invalid',
      details: { input: 'gate.metrics.rootMeanSquaredError' },
    })
  })
})

describe('a regressor', () => {
  it('is trained, judged and registered; its graph gives what its own file gives', async () => {
    const data = await stack.build('durations', 1, 20)
    const later = await stack.build('durations', 20, 30)
    const model = await stack.train({ data, learner: prepared(linearRegression()) })
    const manifest = await readManifest(stack.content, model.digest)
    expect(manifest).toMatchObject({ task: 'regression', label: { name: 'duration', type: 'float64' } })
    expect(manifest).not.toHaveProperty('classes')
    const limits = {
      metrics: { rootMeanSquaredError: { max: 1 }, r2: { min: 0.9 } },
      baseline: { margins: { meanAbsoluteError: 1 } },
    }
    const judged = await stack.evaluate({ model, data: later, gate: limits })
    expect(judged).toMatchObject({
      passed: true,
      reason: expect.stringMatching(/of the mean \(at least 1 better\)$/),
    })
    const made = await stack.register({ model, evaluation: judged.evaluation, name: 'durations' })
    expect(made).toMatchObject({ status: 'READY', gate: { metrics: { r2: expect.closeTo(1, 1) } } })

    const { frame } = toLearnerRows(await stack.features.loadTrainingSet(later.digest), manifest.features)
    const own = predict(modelFromBytes(await stack.content.getBytes(manifest.files['model.bin'])), frame)
    const session = await ort.InferenceSession.create(
      await stack.content.getBytes(manifest.files['model.onnx']),
    )
    const feeds = Object.entries(frame.columns).map(([name, column]): [string, ort.Tensor] => [
      name,
      column.kind === 'categorical'
        ? new ort.Tensor(
            'string',
            Array.from(column.codes, (c) => column.categories[c] ?? ''),
            [frame.rows, 1],
          )
        : new ort.Tensor('float32', Float32Array.from(column.values), [frame.rows, 1]),
    ])
    const { prediction } = await session.run(Object.fromEntries(feeds))
    if (own.task !== 'regression') throw new Error(own.task)
    const worst = own.values.reduce(
      (most, v, i) => Math.max(most, Math.abs(v - Number(prediction.data[i]))),
      0,
    )
    expect(worst).toBeLessThan(1e-3)

    const mlmodel = await textOf(manifest.files.MLmodel)
    const [, outputs] = /outputs: (".*")/.exec(mlmodel) ?? []
    expect(JSON.parse(JSON.parse(outputs))).toEqual([
      { name: 'prediction', type: 'tensor', 'tensor-spec': { dtype: 'float32', shape: [-1, 1] } },
    ])
    expect(mlmodel).toContain('model_class: pipeline')
  })

  it('is rejected by the limits that it misses', async () => {
    const data = await stack.build('durations', 1, 5)
    const later = await stack.build('durations', 5, 8)
    const model = await stack.train({ data, learner: dummyRegressor() })
    const { passed, reason, evaluation } = await stack.evaluate({
      model,
      data: later,
      gate: { metrics: { r2: { min: 0.5 }, meanAbsoluteError: { max: 1e6 } } },
    })
    expect({ passed, reason }).toEqual({
      passed: false,
      reason: expect.stringMatching(/^failed: r2 .* \(at least 0.5\)$/),
    })
    expect(await stack.register({ model, evaluation, name: 'dummies' })).toMatchObject({
      status: 'REJECTED',
      reason,
    })
  })
})

describe('bad input', () => {
  it.each([
    ['no learner', 'randomForest'],
    ['a learner that there is not', { kind: 'oracle', options: {} }],
    ['a pipeline without a learner', { kind: 'pipeline', options: {} }],
  ])('refuses %s', async (_, learner) => {
    const data = await stack.build('late_flights', 1, 5)
    await expect(stack.train({ data, learner })).rejects.toMatchObject({ code: 'step.input_invalid' })
  })

  it('says what does not fit, and ends the run as failed', async () => {
    const data = await stack.build('late_flights', 1, 5)
    const train = (learner: unknown, set = data) =>
      stack.train({ data: set, learner, experiment: 'failing learners' })
    await expect(train({ kind: 'gradientBoostingClassifier', options: { trees: 3 } })).rejects.toMatchObject({
      code: 'training.fit_refused',
    })
    await expect(train(logisticRegression())).rejects.toThrow(/put oneHot\(\) or targetEncode\(\) before it/)
    await expect(train(linearRegression())).rejects.toThrow(
      /"late" is boolean, but the learner learns numbers/,
    )
    const missing = await stack.build('unknown', 1, 5)
    await expect(train(gradientBoostingClassifier(), missing)).rejects.toThrow(/"late" is missing in row \d+/)
    const { id: experiment } = await stack.tracking.getOrCreateExperiment('failing learners')
    const { items } = await stack.tracking.listRuns({ experiment })
    expect(items.map(({ status }) => status)).toEqual(['FAILED', 'FAILED', 'FAILED', 'FAILED'])
  })
})
