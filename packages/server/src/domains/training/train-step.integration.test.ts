import {
  alternatingLeastSquares,
  calibrated,
  gradientBoostingClassifier,
  gradientBoostingRegressor,
  impute,
  isolationForest,
  kMeans,
  linearRegression,
  oneHot,
  pipeline,
  ridge,
  standardScale,
} from '@millrace/learn'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTemporaryTraining } from '../../testing/temporary-training.ts'
import { readManifest } from '../registry/index.ts'

let stack: Awaited<ReturnType<typeof createTemporaryTraining>>

beforeAll(async () => {
  stack = await createTemporaryTraining()
}, 60_000)
afterAll(() => stack.close())

const metricsOf = async ({ runId }: { runId: string }) => {
  const { metrics } = await stack.tracking.getRun(runId)
  return Object.fromEntries(metrics.map(({ key, value }) => [key, value]))
}
const jsonOf = async (digest: string) =>
  JSON.parse(Buffer.from(await stack.content.getBytes(digest)).toString('utf8'))

describe('validation rows', () => {
  const learner = pipeline({
    learner: gradientBoostingRegressor({ nEstimators: 30, learningRate: 0.9, maxLeafNodes: 8 }),
  })

  it('are the last share by time: boosting ends when they get no better, and the run has the losses', async () => {
    const data = await stack.build('durations', 1, 6)
    const model = await stack.train({ data, learner, validationShare: 0.1 })
    const metrics = await metricsOf(model)
    const rows = data.rows * 0.9
    expect(metrics).toMatchObject({ training_rows: rows, validation_rows: data.rows - rows })
    expect(metrics.validation_r2).toBeGreaterThan(0.8)
    const { items } = await stack.tracking.metricHistory({ run: model.runId, key: 'validation_loss' })
    const losses = items.map(({ value }) => value)
    expect(items.map(({ step }) => step)).toEqual(losses.map((_, i) => i + 1))
    expect(metrics.best_iteration).toBe(losses.indexOf(Math.min(...losses)) + 1)
    // The loss is half of the squared error.
    expect(metrics.validation_root_mean_squared_error ** 2 / 2).toBeCloseTo(Math.min(...losses), 4)
    const artifacts = await stack.tracking.listArtifacts(model.runId)
    expect(artifacts.items.map(({ path }) => path)).toContain('learning_curve.svg')
    const manifest = await readManifest(stack.content, model.digest)
    expect(manifest.rows).toBe(rows)
    const whole = await stack.features.loadTrainingSet(data.digest)
    const times = whole.columns.find(({ name }) => name === 'date')
    expect(times?.kind !== 'string' && times?.values.at(-1)).toBe(manifest.trainedThrough)
  })

  it('may be another training set of later rows', async () => {
    const data = await stack.build('durations', 1, 2)
    const later = await stack.build('durations', 2, 3)
    const model = await stack.train({ data, learner, validation: later })
    expect(await metricsOf(model)).toMatchObject({ validation_rows: later.rows, training_rows: data.rows })
    expect(await readManifest(stack.content, model.digest)).toMatchObject({ validationSet: later.digest })
    const earlier = stack.train({ data: later, learner, validation: data })
    await expect(earlier).rejects.toThrow(/"durations".*validate on later rows/)
  })

  it('measure any learner, and stop the members of a calibrated one', async () => {
    const data = await stack.build('late_flights', 1, 5)
    const boosting = gradientBoostingClassifier({ nEstimators: 3, maxLeafNodes: 4 })
    const model = await stack.train({
      data,
      learner: calibrated({ learner: boosting, folds: 2 }),
      validationShare: 0.2,
    })
    const metrics = await metricsOf(model)
    expect(metrics.validation_roc_auc).toBeGreaterThan(0.7)
    expect(metrics).not.toHaveProperty('best_iteration')
  })
})

it('cross-validates, too', async () => {
  const data = await stack.build('durations', 1, 5)
  const learner = pipeline({
    columns: [[{ kind: 'numeric' }, [impute(), standardScale()]]],
    rest: 'drop',
    learner: ridge(),
  })
  const model = await stack.train({
    data,
    learner,
    crossValidation: { kind: 'group', splits: 2, by: 'origin' },
  })
  const { items } = await stack.tracking.metricHistory({ run: model.runId, key: 'cv_r2' })
  expect(items.map(({ step }) => step)).toEqual([1, 2])
  const metrics = await metricsOf(model)
  const mean = items.reduce((sum, { value }) => sum + value, 0) / 2
  expect(metrics.cv_r2_mean).toBeCloseTo(mean, 12)
  expect(metrics.cv_r2_std).toBeGreaterThan(0)
})

describe('without a label', () => {
  const prepared = (learner: Parameters<typeof pipeline>[0]['learner']) =>
    pipeline({
      columns: [
        ['origin', [oneHot({ handleUnknown: 'ignore' })]],
        [{ kind: 'numeric' }, [impute(), standardScale()]],
      ],
      learner,
    })

  it.each([
    ['all_flights', prepared(kMeans({ nClusters: 3 })), 'clustering', 'categorical', /"distances"/],
    ['late_flights', prepared(isolationForest({ nEstimators: 10 })), 'anomaly', 'numeric', /"scores"/],
    [
      'airlines',
      alternatingLeastSquares({ user: 'airline', item: 'origin', factors: 2, iterations: 3 }),
      'recommendation',
      'numeric',
      /"prediction"/,
    ],
  ])('learns from %s, and is registered without an evaluation', async (set, learner, task, kind, outputs) => {
    const data = await stack.build(set, 1, 4)
    const model = await stack.train({ data, learner })
    const manifest = await readManifest(stack.content, model.digest)
    expect(manifest.task).toBe(task)
    expect(manifest).not.toHaveProperty('label')
    const reference = await jsonOf(manifest.files['reference.json'])
    expect(reference.prediction).toMatchObject({ kind })
    const mlmodel = Buffer.from(await stack.content.getBytes(manifest.files.MLmodel)).toString('utf8')
    expect(mlmodel.replaceAll('\\', '')).toMatch(outputs)
    const version = await stack.register({ model, name: task })
    expect(version).toMatchObject({ status: 'READY', reason: expect.stringContaining('not judged') })
    const metrics = await metricsOf(model)
    expect(Object.keys(metrics).some((key) => key.startsWith('training_tail'))).toBe(false)
    const [most] = { clustering: ['training_largest_cluster_share'], anomaly: ['training_outlier_share'] }[
      task
    ] ?? ['training_mean_score']
    expect(metrics[most]).toBeGreaterThan(0)
    expect(metrics[most]).toBeLessThan(1)
    await expect(stack.evaluate({ model, data, gate: { metrics: { r2: { min: 0 } } } })).rejects.toThrow()
  })
})

describe('what cannot be', () => {
  it.each([
    ['validation', { learner: kMeans(), validationShare: 0.1 }, /kMeans is for clustering/],
    ['a share of all', { learner: ridge(), validationShare: 0.9 }, /validationShare/],
    [
      'classes',
      { learner: prepared(), crossValidation: { kind: 'stratified' } },
      /needs a target of classes/,
    ],
  ])('names it: %s', async (_, inputs, message) => {
    const data = await stack.build('durations', 1, 3)
    await expect(stack.train({ data, ...inputs })).rejects.toThrow(message)
  })

  function prepared() {
    return pipeline({ columns: [[{ kind: 'numeric' }, [impute()]]], rest: 'drop', learner: ridge() })
  }

  it('is a split, which is told before the fit', async () => {
    const data = await stack.build('durations', 1, 3)
    // Its fit would be refused, too: there are columns of texts.
    const learner = ridge()
    await expect(stack.train({ data, learner })).rejects.toMatchObject({ code: 'training.fit_refused' })
    const by = stack.train({ data, learner, crossValidation: { kind: 'group', by: 'nowhere' } })
    await expect(by).rejects.toMatchObject({
      code: 'step.input_invalid',
      details: {
        input: 'crossValidation.by',
        reason: 'the training set "durations" has no column "nowhere"',
      },
    })
    const classes = stack.train({ data, learner, crossValidation: { kind: 'stratified' } })
    await expect(classes).rejects.toMatchObject({ code: 'step.input_invalid' })
  })

  it('is a label that is not there', async () => {
    const data = await stack.build('all_flights', 1, 3)
    const refused = stack.train({ data, learner: linearRegression() })
    await expect(refused).rejects.toThrow(/"all_flights".*it has no label/)
  })

  it('is a labelled model without an evaluation', async () => {
    const data = await stack.build('durations', 1, 3)
    const model = await stack.train({ data, learner: prepared() })
    await expect(stack.register({ model, name: 'unjudged' })).rejects.toThrow(/must be judged first/)
  })
})
