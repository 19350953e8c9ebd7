import { importLightgbm, importXgboost, predict } from '@millrace/learn'
import { fail } from '@millrace/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTemporaryTraining } from '../../../testing/temporary-training.ts'
import { readManifest } from '../../registry/index.ts'
import { toLearnerRows } from '../learner-data.ts'
import { predictSet } from '../predictor.ts'
import { featuresOf } from '../training-data.ts'
import folders from './fixtures/imported-models.json' with { type: 'json' }
import { importModelStep } from './import-step.ts'

let stack: Awaited<ReturnType<typeof createTemporaryTraining>>
let late: { digest: string }
let durations: { digest: string }
beforeAll(async () => {
  stack = await createTemporaryTraining()
  late = await stack.build('late_flights', 1, 4)
  durations = await stack.build('durations', 1, 4)
}, 60_000)
afterAll(() => stack.close())

const filesOf = (name: keyof typeof folders) =>
  Object.entries(folders[name]).map(([path, base64]): [string, Buffer] => [
    path,
    Buffer.from(base64, 'base64'),
  ])

/** A run of Python's with the model. */
async function log(name: keyof typeof folders, tags: Record<string, string> = {}) {
  const run = await stack.tracking.createRun({ experiment: 'python', tags })
  await stack.tracking.logBatch({ run: run.id, params: { depth: '3' } })
  for (const [path, bytes] of filesOf(name)) {
    await stack.tracking.logArtifact(run.id, `model/${path}`, bytes)
  }
  return { id: run.id, uri: `runs:/${run.id}/model` }
}

const tagged = (set: { digest: string }) => ({ 'millrace.training_set': set.digest })

async function predictOf(digest: string, set: { digest: string }) {
  const manifest = await readManifest(stack.content, digest)
  const loaded = await stack.features.loadTrainingSet(set.digest)
  const signal = new AbortController().signal
  const prediction = await predictSet(stack.content, { manifest, digest }, { set: loaded, signal })
  return { manifest, loaded, prediction }
}

describe('a model of trees', () => {
  it('becomes one of our own, judged and registered as any other', async () => {
    const run = await log('xgboost', tagged(late))
    const model = await stack.importModel({ from: run.uri })
    const { manifest, loaded, prediction } = await predictOf(model.digest, late)
    expect(manifest).toMatchObject({
      algorithm: 'xgboost:XGBClassifier',
      task: 'binary-classification',
      classes: [false, true],
      label: { name: 'late', type: 'boolean' },
      features: [
        { name: 'distance', type: 'int64' },
        { name: 'hour', type: 'int64' },
        { name: 'wind', type: 'float64' },
      ],
      trainingSet: late.digest,
    })
    expect(Object.keys(manifest.files)).toEqual(
      expect.arrayContaining(['MLmodel', 'model.bin', 'model.json', 'reference.json']),
    )
    const own = importXgboost(Buffer.from(folders.xgboost['model.json'], 'base64'))
    const { frame } = toLearnerRows(loaded, manifest.features)
    expect(prediction).toEqual({ ...predict(own, frame), classes: [false, true] })

    const imported = await stack.tracking.getRun(model.runId)
    expect(imported).toMatchObject({
      status: 'FINISHED',
      params: { depth: '3' },
      tags: { 'millrace.imported_from': run.uri, 'mlflow.parentRunId': run.id, ...tagged(late) },
    })
    expect(imported.metrics.map(({ key }) => key)).toContain('training_tail_roc_auc')
    const later = await stack.build('late_flights', 4, 8)
    const limits = { metrics: { rocAuc: { min: 0 } } }
    const { evaluation, passed } = await stack.evaluate({ model, data: later, gate: limits })
    expect(passed).toBe(true)
    expect(await stack.register({ model, evaluation, name: 'from-python' })).toMatchObject({
      status: 'READY',
      lineage: { run: model.runId, trainingSet: late.digest },
    })
  })

  it('is what runs, whatever lies beside it', async () => {
    const run = await log('xgboost', tagged(late))
    for (const stray of ['model.onnx', 'model.bin', 'reference.json', 'notes.txt']) {
      await stack.tracking.logArtifact(run.id, `model/${stray}`, Buffer.from('stray'))
    }
    const { digest } = await stack.importModel({ from: run.uri })
    const { manifest, loaded, prediction } = await predictOf(digest, late)
    expect(manifest.files).not.toHaveProperty('model.onnx')
    expect(manifest.files).toHaveProperty('notes.txt')
    const own = importXgboost(Buffer.from(folders.xgboost['model.json'], 'base64'))
    const { frame } = toLearnerRows(loaded, manifest.features)
    expect(prediction).toEqual({ ...predict(own, frame), classes: [false, true] })
    expect(await stack.content.getBytes(manifest.files['reference.json'])).not.toEqual(Buffer.from('stray'))
  })

  it('takes its names from the signature and its classes from the label', async () => {
    const set = await stack.build('breezes', 1, 4)
    const { uri } = await log('unnamed')
    const { digest } = await stack.importModel({ from: uri, data: set, experiment: 'elsewhere' })
    const { manifest } = await predictOf(digest, set)
    expect(manifest).toMatchObject({ classes: ['calm', 'head', 'tail'] })
    expect(manifest.features.map(({ name }) => name)).toEqual(['distance', 'hour', 'wind'])
    const wrong = stack.importModel({ from: uri, data: late })
    await expect(wrong).rejects.toThrow(/it has 3 classes, and the label "late" 2 in the training set/)
  })

  it('may have texts as categories', async () => {
    const { uri } = await log('lightgbm', tagged(durations))
    const { digest } = await stack.importModel({ from: uri })
    const { loaded, prediction } = await predictOf(digest, durations)
    const own = importLightgbm(Buffer.from(folders.lightgbm['model.lgb'], 'base64').toString())
    const taken = featuresOf(loaded).filter(({ name }) => own.inputs.some((input) => input.name === name))
    expect(prediction).toEqual(predict(own, toLearnerRows(loaded, taken).frame))
  })

  it('is the same when imported again by the same step', async () => {
    const { uri } = await log('xgboost', tagged(late))
    const context = stack.contextOf('import', 'again')
    const model = await stack.importModel({ from: uri }, context)
    expect(await stack.importModel({ from: uri }, context)).toEqual(model)
  })

  it('is found as a logged model and as a version', async () => {
    const { id } = await log('xgboost')
    const { experimentId } = await stack.tracking.getRun(id)
    const logged = await stack.tracking.createLoggedModel({ experimentId, name: 'trees', sourceRun: id })
    await stack.tracking.setLoggedModelTags(logged.id, tagged(late))
    const folder = logged.artifactUri.replace('mlflow-artifacts:/', '')
    for (const [path, bytes] of filesOf('xgboost')) await stack.artifacts.put(`${folder}/${path}`, bytes)
    await stack.registry.createModel({ name: 'registered' })
    await stack.registry.createVersion({ model: 'registered', source: `models:/${logged.id}` })
    for (const from of [`runs:/${id}/trees`, `models:/${logged.id}`, 'models:/registered/1']) {
      const { runId } = await stack.importModel({ from })
      expect((await stack.tracking.getRun(runId)).tags, from).toMatchObject({
        'millrace.source_model': logged.id,
        'millrace.source_run': id,
      })
    }
  })
})

describe('a graph', () => {
  it('of probabilities takes the columns of its signature side by side', async () => {
    const { uri } = await log('probabilities', tagged(late))
    const { digest } = await stack.importModel({ from: uri })
    const { manifest, prediction } = await predictOf(digest, late)
    expect(manifest).toMatchObject({
      algorithm: 'onnx',
      onnx: {
        inputs: [{ type: 'float32', features: ['distance', 'hour'] }],
        output: 'probabilities',
        takesMissing: false,
      },
    })
    if (prediction.task !== 'classification') throw new Error(prediction.task)
    expect(prediction.probabilities[0] + prediction.probabilities[1]).toBeCloseTo(1, 6)
  })

  it('of whole numbers and with weights beside it becomes one file', async () => {
    const { uri } = await log('whole', tagged(durations))
    const { digest } = await stack.importModel({ from: uri })
    const { manifest, loaded, prediction } = await predictOf(digest, durations)
    expect(manifest.onnx?.inputs).toEqual([
      { name: 'distance', type: 'int64', features: ['distance'] },
      { name: 'hour', type: 'int64', features: ['hour'] },
    ])
    const values = (name: string) => {
      const column = loaded.columns.find((one) => one.name === name)
      return column && 'values' in column ? column.values : []
    }
    if (prediction.task !== 'regression') throw new Error(prediction.task)
    for (const [row, value] of prediction.values.entries()) {
      expect(value).toBeCloseTo(values('distance')[row] * 0.1 + values('hour')[row], 3)
    }
  })

  it('may give the probability of the second class alone', async () => {
    const { uri } = await log('network', tagged(late))
    const { digest } = await stack.importModel({ from: uri })
    const { prediction } = await predictOf(digest, late)
    if (prediction.task !== 'classification') throw new Error(prediction.task)
    const [no, yes] = prediction.probabilities
    expect(no + yes).toBe(1)
    expect(yes).toBeGreaterThan(0.5)
  })
})

describe('refuses', () => {
  it.each<[keyof typeof folders, RegExp]>([
    [
      'sklearn',
      /is a Python object \(python_function, sklearn\), which is never loaded here; convert it with skl2onnx/,
    ],
    [
      'leaky',
      /it takes "late", which is the label, "speed", which is not there; the features of the training set/,
    ],
    [
      'maps',
      /its probabilities are a list of maps, not a tensor; convert it with options=\{'zipmap': False\}/,
    ],
    ['nameless', /it takes 2 columns without names, and the training set "late_flights" has the 5 features/],
    ['scores', /cannot predict its rows: the model gave the probability -?[\d.]+|add up to/],
    ['one-row', /its input "input" is always 1 rows; export it for any number of them/],
  ])('%s, and ends the run as failed', async (name, reason) => {
    const { uri } = await log(name, tagged(late))
    const context = stack.contextOf('import')
    const importing = stack.importModel({ from: uri, experiment: 'refused' }, context)
    await expect(importing).rejects.toMatchObject({ code: 'model.import_refused' })
    await expect(importing).rejects.toThrow(reason)
    const { id } = await stack.tracking.getOrCreateExperiment('refused')
    const [run] = (await stack.tracking.listRuns({ experiment: id }, { limit: 1 })).items
    expect(run.status).toBe('FAILED')
  })

  it('a model of which nothing, or something else, says what it learnt from', async () => {
    const { uri } = await log('xgboost')
    await expect(stack.importModel({ from: uri })).rejects.toThrow(
      /nothing says which training set it learnt from/,
    )
    const { uri: other } = await log('xgboost', tagged(durations))
    await expect(stack.importModel({ from: other, data: late })).rejects.toThrow(/says that it learnt from/)
    const gone = await log('xgboost', { 'millrace.training_set': '0'.repeat(64) })
    await expect(stack.importModel({ from: gone.uri })).rejects.toMatchObject({
      code: 'training_set.not_found',
    })
  })

  it('nothing, when the content store fails', async () => {
    const { uri } = await log('network', tagged(late))
    const failure = fail('content.not_found', { digest: 'gone' })
    const content = { ...stack.content, openLocal: () => Promise.reject(failure) }
    const step = importModelStep({ ...stack, content })
    const inputs = { from: uri, experiment: 'unstored' }
    await expect(step.run(stack.contextOf('import', 'unstored'), inputs)).rejects.toBe(failure)
  })

  it('places where there is no model', async () => {
    const { id } = await stack.tracking.createRun({ experiment: 'python' })
    for (const from of [
      `runs:/${id}/nothing`,
      'runs:/none/model',
      '/etc',
      'https://example.org/model',
      'models:/x',
    ]) {
      await expect(stack.importModel({ from, data: late }), from).rejects.toMatchObject({
        code: 'model.source_invalid',
      })
    }
    await expect(stack.importModel({ from: 'models:/none/1', data: late })).rejects.toMatchObject({
      code: 'model.not_found',
    })
  })
})
