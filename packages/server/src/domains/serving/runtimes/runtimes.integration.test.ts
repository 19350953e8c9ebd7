import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  booleanColumn,
  categoricalColumn,
  classTarget,
  createFrame,
  dateParts,
  exportModel,
  fit,
  impute,
  isolationForest,
  kMeans,
  logisticRegression,
  modelToBytes,
  numericColumn,
  oneHot,
  pipeline,
  predict,
  standardScale,
  timestampColumn,
} from '@millrace/learn'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ModelManifest } from '../../registry/index.ts'
import { nativeRuntime } from './native.ts'
import { onnxRuntime } from './onnx.ts'
import type { LoadedModel } from './runtime.ts'

const hour = 3_600_000
const rows = Array.from({ length: 120 }, (_, row) => row)
const frame = createFrame({
  size: numericColumn(rows.map((row) => (row % 11 === 0 ? null : (row * 7) % 13))),
  member: booleanColumn(rows.map((row) => (row % 3 === 0 ? null : row % 2 === 0))),
  seen: timestampColumn(rows.map((row) => (row % 13 === 0 ? null : Date.UTC(2024, 0, 1) + row * 7 * hour))),
  kind: categoricalColumn(rows.map((row) => [null, 'a', 'b'][row % 3])),
})
const types = { size: 'float64', member: 'boolean', seen: 'timestamp', kind: 'string' } as const
const learner = pipeline({
  columns: [
    ['kind', [oneHot({ handleUnknown: 'ignore' })]],
    ['seen', [dateParts({ parts: ['hour', 'dayOfWeek'] }), impute(), standardScale()]],
    ['size', [impute()]],
    ['member', [impute({ strategy: 'mostFrequent' })]],
  ],
  learner: logisticRegression(),
})

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'millrace-runtimes-'))
})
afterAll(() => rm(dir, { recursive: true }))

const manifestOf = (classes: ModelManifest['classes']): ModelManifest => ({
  kind: 'model',
  algorithm: 'logisticRegression',
  task: classes?.length === 2 ? 'binary-classification' : 'multiclass-classification',
  classes,
  files: { 'model.onnx': '', 'model.bin': '' },
  features: Object.entries(types).map(([name, type]) => ({ name, type })),
  label: { name: 'y', type: 'string' },
  trainedFrom: 0,
  trainedThrough: 1,
  rows: rows.length,
  trainingSet: '',
  datasets: [],
  definitions: {},
  bundles: [],
  runId: '',
})

/** What the model answers for every row of the frame. */
async function runAll(loaded: LoadedModel) {
  const batch = loaded.batch(rows.length)
  for (const [c, column] of Object.values(frame.columns).entries()) {
    const filled = batch.columns[c]
    for (const row of rows) {
      if (Array.isArray(filled))
        filled[row] = column.kind === 'categorical' ? (column.categories[column.codes[row]] ?? '') : ''
      else if (column.kind !== 'categorical')
        filled[row] = column.kind === 'boolean' && column.values[row] < 0 ? Number.NaN : column.values[row]
    }
  }
  return batch.run()
}

it.each([
  ['flags', [false, true], onnxRuntime],
  ['flags', [false, true], nativeRuntime],
  ['flags as numbers', [0, 1], onnxRuntime],
  ['two texts', ['no', 'yes'], onnxRuntime],
  ['three texts', ['high', 'low', 'usual'], nativeRuntime],
  ['numbers', [1, 2, 3.5], onnxRuntime],
  ['two other numbers', [1, 2], nativeRuntime],
])('predicts %s as the learner does: %j', async (what, classes, runtime) => {
  const target = classTarget(rows.map((row) => classes[((row * 5) % 17) % classes.length]))
  const model = fit(learner, { frame, target })
  await writeFile(join(dir, 'model.bin'), modelToBytes(model))
  await writeFile(join(dir, 'model.onnx'), exportModel(model))
  const loaded = await runtime.load(manifestOf(target.classes.slice()), async (path) => join(dir, path))
  const predicted = await runAll(loaded)
  const own = predict(model, frame)
  if (own.task !== 'classification') throw new Error(own.task)
  const width = classes.length
  for (const [row, prediction] of predicted.entries()) {
    const shares = [...own.probabilities.subarray(row * width, (row + 1) * width)]
    const best = shares.indexOf(Math.max(...shares))
    if (what.startsWith('flags')) {
      expect(prediction).toEqual({ label: best, probability: expect.closeTo(shares[1], 5) })
    } else {
      expect(prediction).toEqual({
        label: classes[best],
        probabilities: Object.fromEntries(classes.map((label, i) => [label, expect.closeTo(shares[i], 5)])),
      })
    }
  }
  await loaded.unload()
})

it.each([
  ['clusters', 'clustering', kMeans({ nClusters: 3 }), onnxRuntime],
  ['clusters', 'clustering', kMeans({ nClusters: 3 }), nativeRuntime],
  ['anomalies', 'anomaly', isolationForest({ nEstimators: 10, contamination: 0.1 }), nativeRuntime],
] as const)('finds %s as the learner does', async (_, task, without, runtime) => {
  const model = fit({ ...learner, options: { ...learner.options, learner: without } }, { frame })
  await writeFile(join(dir, 'model.bin'), modelToBytes(model))
  if (runtime === onnxRuntime) await writeFile(join(dir, 'model.onnx'), exportModel(model))
  const { label, classes, ...manifest } = manifestOf(undefined)
  const loaded = await runtime.load({ ...manifest, task }, async (path) => join(dir, path))
  const own = predict(model, frame)
  const expected = rows.map((row) => {
    if (own.task === 'clustering')
      return { cluster: own.clusters[row], distance: expect.closeTo(own.distances[row], 4) }
    return own.task === 'anomaly' && { outlier: own.outliers[row] === 1, score: own.scores[row] }
  })
  expect(await runAll(loaded)).toEqual(expected)
  await loaded.unload()
  const wrong = runtime.load({ ...manifest, task: 'regression' }, async (path) => join(dir, path))
  await expect(wrong).rejects.toThrow(/"prediction" should be float32|the manifest says "numbers"/)
})

it('refuses other classes than the manifest has', async () => {
  const target = classTarget(rows.map((row) => ['a', 'b', 'c'][row % 3]))
  await writeFile(join(dir, 'model.bin'), modelToBytes(fit(learner, { frame, target })))
  const open = async (path: string) => join(dir, path)
  await expect(nativeRuntime.load(manifestOf(['a', 'b']), open)).rejects.toThrow(
    'the model predicts ["a","b","c"], the manifest says ["a","b"]',
  )
})
