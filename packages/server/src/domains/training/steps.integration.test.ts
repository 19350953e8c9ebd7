import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gradientBoostingClassifier, modelFromBytes, predict } from '@millrace/learn'
import * as ort from 'onnxruntime-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { firstFlight } from '../../testing/late-flights.ts'
import { createTemporaryTraining, forest, gate } from '../../testing/temporary-training.ts'
import { readManifest } from '../registry/index.ts'
import { toLearnerRows } from './learner-data.ts'

let stack: Awaited<ReturnType<typeof createTemporaryTraining>>

beforeAll(async () => {
  stack = await createTemporaryTraining()
}, 60_000)
afterAll(() => stack.close())

describe('from data to a registered model', () => {
  it('trains, logs, evaluates and registers, and the stored graph agrees with the model', async () => {
    const data = await stack.build('late_flights', 1, 30)
    const later = await stack.build('late_flights', 30, 40)
    const model = await stack.train({ data })
    const run = await stack.tracking.getRun(model.runId)
    expect(run).toMatchObject({
      status: 'FINISHED',
      params: { learner: 'randomForestClassifier', 'learner.nEstimators': '12', 'learner.seed': '3' },
      tags: { 'millrace.training_set': data.digest, 'millrace.dataset.flights': stack.version.version },
    })
    expect(Object.fromEntries(run.metrics.map(({ key, value }) => [key, value]))).toMatchObject({
      training_rows: data.rows,
      training_tail_roc_auc: expect.closeTo(0.95, 1),
    })
    const paths = (await stack.tracking.listArtifacts(model.runId)).items.map(({ path }) => path)
    expect(paths).toEqual([
      'feature_importance.json',
      'feature_importance.svg',
      'feature_importance.vl.json',
      'learner.json',
      'model/MLmodel',
      'model/input_example.json',
      'model/model.bin',
      'model/model.onnx',
      'model/reference.json',
      'model/requirements.txt',
      'shap_importance.json',
      'shap_summary.svg',
      'shap_summary.vl.json',
    ])

    const { passed, reason, evaluation } = await stack.evaluate({
      model,
      data: later,
      champion: 'late-flights@champion',
      gate: {
        ...gate,
        metrics: { logLoss: { max: 0.6 } },
        champion: { alpha: 0.05 },
        slices: { by: ['origin'], metrics: { accuracy: { min: 0.7 } } },
      },
      slices: ['hour', 'wind'],
      costs: { falsePositive: 1, falseNegative: 3 },
    })
    expect(reason).toMatch(
      /^passed: logLoss .* class rates .* historical class rates by hour and origin .* accuracy by origin/,
    )
    expect(passed).toBe(true)
    const folder = `evaluation/${evaluation.digest.slice(0, 12)}`
    const report = (await stack.tracking.listArtifacts(model.runId, { folder })).items
    expect(report.map(({ path }) => path.split('/').at(-1))).toEqual(
      expect.arrayContaining(['evaluation.json', 'report.html', 'roc.svg', 'slices.svg', 'slices.vl.json']),
    )
    const stored = JSON.parse(Buffer.from(await stack.content.getBytes(evaluation.digest)).toString())
    expect(stored).toMatchObject({
      slices: [
        { column: 'origin', count: 7 },
        { column: 'hour', count: 4 },
        { column: 'wind', count: 5 },
      ],
      intervals: { metrics: { rocAuc: { standardError: expect.any(Number) } } },
      threshold: { threshold: expect.any(Number) },
      champion: null,
    })
    const made = await stack.register({ model, evaluation })
    expect(made).toMatchObject({
      version: 1,
      status: 'READY',
      manifest: model.digest,
      gate: { evaluation: evaluation.digest, metrics: { rocAuc: evaluation.scores.rocAuc } },
      lineage: { run: model.runId, trainingSet: data.digest, datasets: [stack.version] },
      source: `${(await stack.tracking.getRun(model.runId)).artifactUri}/model`,
      digest: expect.any(String),
      label: '1.0.0',
      spec: { algorithm: ['randomForestClassifier'] },
    })
    const { model: name, version } = made
    await stack.registry.setChecks(name, {
      pointers: ['champion'],
      loads: true,
      signature: true,
      predicts: true,
      metrics: [{ key: 'rocAuc', min: 0.5 }],
      tags: [],
    })
    const champion = { model: name, alias: 'champion', version, by: 'test', reason: 'the first' }
    await stack.registry.setAlias({ ...champion, expected: null })
    expect((await stack.registry.listCheckReports(made)).items).toMatchObject([{ passed: true }])
    expect(
      (await stack.registry.listVersionsBy({ dataset: 'flights', version: stack.version.version })).items,
    ).toEqual([await stack.registry.getVersion(made)])

    const manifest = await readManifest(stack.content, model.digest)
    expect(manifest).toMatchObject({
      trainingSet: data.digest,
      trainedFrom: firstFlight + 86_400_000,
      rows: data.rows,
    })
    const set = await stack.features.loadTrainingSet(later.digest)
    const { frame } = toLearnerRows(set, manifest.features)
    const own = predict(modelFromBytes(await stack.content.getBytes(manifest.files['model.bin'])), frame)
    if (own.task !== 'classification') throw new Error(own.task)
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
    const { probabilities } = await session.run(Object.fromEntries(feeds))
    const worst = own.probabilities.reduce(
      (most, p, i) => Math.max(most, Math.abs(p - Number(probabilities.data[i]))),
      0,
    )
    expect(worst).toBeLessThan(1e-6)

    const reference = JSON.parse(
      Buffer.from(await stack.content.getBytes(manifest.files['reference.json'])).toString(),
    )
    expect(Object.keys(reference.columns)).toEqual(manifest.features.map(({ name }) => name))
    expect(reference.columns.wind).toMatchObject({ kind: 'numeric', count: expect.any(Number) })
    expect(reference.prediction.counts).toHaveLength(reference.prediction.edges.length + 1)
  })

  it('gives the same results when executed again, to the last digit also from new', async () => {
    const data = await stack.build('late_flights', 1, 20)
    const later = await stack.build('late_flights', 20, 30)
    const [training, judging, registering] = ['train', 'evaluate', 'register'].map((node) =>
      stack.contextOf(node, 'again'),
    )
    const model = await stack.train({ data }, training)
    const score = await stack.evaluate({ model, data: later }, judging)
    const made = await stack.register({ model, evaluation: score.evaluation, name: 'again' }, registering)
    expect(await stack.train({ data }, training)).toEqual(model)
    expect(await stack.evaluate({ model, data: later }, judging)).toEqual(score)
    expect(await stack.register({ model, evaluation: score.evaluation, name: 'again' }, registering)).toEqual(
      made,
    )
    expect(
      (await stack.tracking.metricHistory({ run: model.runId, key: 'evaluation_roc_auc' })).items,
    ).toHaveLength(1)

    const other = await stack.train({ data, threads: 1 })
    const metricsOf = async ({ runId }: { runId: string }) =>
      (await stack.tracking.getRun(runId)).metrics
        .map(({ key, value }) => [key, value])
        .filter(([key]) => `${key}`.startsWith('training'))
    expect(await metricsOf(other)).toEqual(await metricsOf(model))
    const [first, second] = await Promise.all(
      [model, other].map(({ digest }) => readManifest(stack.content, digest)),
    )
    expect(second.files['model.onnx']).toBe(first.files['model.onnx'])
  })

  it('rejects a model that is no better than what can be had without one', async () => {
    const data = await stack.build('late_flights', 1, 10)
    const model = await stack.train({
      data,
      learner: forest({ nEstimators: 1, maxDepth: 1, minSamplesLeaf: 700 }),
    })
    const later = await stack.build('late_flights', 10, 20)
    const strict = { baseline: { margins: { rocAuc: 0.45 } } }
    const { passed, reason, evaluation } = await stack.evaluate({ model, data: later, gate: strict })
    expect({ passed, reason }).toEqual({ passed: false, reason: expect.stringMatching(/^failed: rocAuc/) })
    const made = await stack.register({ model, evaluation, name: 'weak' })
    expect(made).toMatchObject({ status: 'REJECTED', reason })
    const alias = { model: 'weak', alias: 'champion', version: 1, by: 'test', reason: 'no' }
    await expect(stack.registry.setAlias(alias)).rejects.toEqual(
      expect.objectContaining({ code: 'model.version_rejected' }),
    )
  })

  it('lets a challenger pass only if it is better than the champion', async () => {
    const data = await stack.build('late_flights', 1, 20)
    const later = await stack.build('late_flights', 20, 30)
    const weak = await stack.train({ data, learner: forest({ nEstimators: 3, maxDepth: 2 }) })
    // Of another kind.
    const learner = gradientBoostingClassifier({ nEstimators: 20, learningRate: 0.2, seed: 3 })
    const strong = await stack.train({ data, learner })
    const easy = { baseline: { margins: { rocAuc: 0, logLoss: 0 } } }
    const better = { ...easy, champion: { alpha: 0.05 } }
    const champion = 'duel@champion'
    const enthrone = async (model: { runId: string; digest: string }) => {
      const { evaluation } = await stack.evaluate({ model, data: later, gate: easy })
      const { version: number } = await stack.register({ model, evaluation, name: 'duel' })
      await stack.registry.setAlias({
        model: 'duel',
        alias: 'champion',
        version: number,
        by: 'test',
        reason: 'test',
      })
    }
    await enthrone(weak)
    expect(await stack.evaluate({ model: strong, data: later, gate: better, champion })).toMatchObject({
      passed: true,
    })
    await enthrone(strong)
    expect(await stack.evaluate({ model: weak, data: later, gate: better, champion })).toMatchObject({
      passed: false,
      reason: expect.stringMatching(/of the champion duel\/2, p = 1 /),
    })
    expect(await stack.evaluate({ model: strong, data: later, gate: better, champion })).toMatchObject({
      passed: false,
    })
    const lenient = { champion: { alpha: 0.05, nonInferiorityMargin: 0.001 } }
    expect(await stack.evaluate({ model: strong, data: later, gate: lenient, champion })).toMatchObject({
      passed: true,
    })
  })
})

describe('the model folder', () => {
  it('lies in the open, as MLflow expects it', async () => {
    const data = await stack.build('late_flights', 1, 5)
    const { runId } = await stack.train({ data })
    const { experimentId } = await stack.tracking.getRun(runId)
    const folder = join(stack.dir, 'objects/artifacts', experimentId, runId, 'artifacts/model')
    const text = await readFile(join(folder, 'MLmodel'), 'utf8')
    expect(text).toContain('loader_module: mlflow.onnx')
    expect(text).toContain(`run_id: "${runId}"`)
    const [, inputs] = /inputs: (".*")/.exec(text) ?? []
    expect(JSON.parse(JSON.parse(inputs))).toContainEqual({
      name: 'origin',
      type: 'tensor',
      'tensor-spec': { dtype: 'str', shape: [-1, 1] },
    })
  })
})
