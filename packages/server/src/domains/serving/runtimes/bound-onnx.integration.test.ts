import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFrame, exportModel, fit, linearRegression, numberTarget, numericColumn } from '@millrace/learn'
import { Tensor } from 'onnxruntime-node'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ModelManifest } from '../../registry/index.ts'
import { bindInputs, boundOnnxRuntime } from './bound-onnx.ts'

const manifest = (over: Partial<ModelManifest> = {}): ModelManifest => ({
  kind: 'model',
  algorithm: 'onnx',
  task: 'regression',
  files: { 'model.onnx': '' },
  features: [
    { name: 'height', type: 'float64' },
    { name: 'width', type: 'int64' },
  ],
  label: { name: 'y', type: 'float64' },
  onnx: {
    inputs: [
      { name: 'b', type: 'float32', features: ['width'] },
      { name: 'a', type: 'float32', features: ['height'] },
    ],
    output: 'prediction',
    takesMissing: true,
  },
  trainedFrom: 0,
  trainedThrough: 1,
  rows: 4,
  trainingSet: '',
  datasets: [],
  definitions: {},
  bundles: [],
  runId: '',
  ...over,
})

let dir: string
const load = (given: ModelManifest) => boundOnnxRuntime.load(given, async (path) => join(dir, path))
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'millrace-bound-'))
  const frame = createFrame({ a: numericColumn([0, 1, 0, 1]), b: numericColumn([0, 0, 1, 1]) })
  const model = fit(linearRegression(), { frame, target: numberTarget([1, 3, 11, 13]) })
  await writeFile(join(dir, 'model.onnx'), exportModel(model))
})
afterAll(() => rm(dir, { recursive: true }))

it('features go into the inputs that the manifest says', async () => {
  const model = await load(manifest())
  expect(model.takesMissing).toBeUndefined()
  const batch = model.batch(3)
  for (const [row, [height, width]] of [
    [1, 0],
    [0, 1],
    [2, 5],
  ].entries()) {
    batch.columns[0][row] = height
    batch.columns[1][row] = width
  }
  const values = (await batch.run()).map((one) => 'value' in one && one.value)
  expect(values).toEqual([3, 11, 55].map((value) => expect.closeTo(value, 4)))
  await model.unload()
})

it.each([
  ['int32', [-(2 ** 31), 2 ** 31 - 1], [2 ** 31, 1.5, Number.NaN]],
  ['bool', [0, 1], [2, -1, 256, Number.NaN]],
  ['int64', [2 ** 53 - 1], [2 ** 53, 0.5, Number.NaN]],
] as const)('whole numbers of %s are never wrapped', (type, good, bad) => {
  const session = { inputMetadata: [{ name: 'n', isTensor: true, type, shape: ['rows'] }] }
  const graph = { session, Tensors: Tensor } as unknown as Parameters<typeof bindInputs>[0]
  const { feeds } = bindInputs(graph, { inputs: [{ name: 'n', type, features: ['n'] }] }, [
    { name: 'n', type: 'float64' },
  ])
  expect(
    Array.from(feeds([Float64Array.from(good)], good.length).n.data as ArrayLike<number>, Number),
  ).toEqual(good)
  for (const value of bad) {
    expect(() => feeds([Float64Array.of(value)], 1), String(value)).toThrow(
      /the graph takes .* and the value is/,
    )
  }
})

it('numbers that are no probabilities are refused', async () => {
  const model = await load(manifest({ task: 'binary-classification', classes: [false, true] }))
  const batch = model.batch(1)
  batch.columns[0][0] = batch.columns[1][0] = 1
  await expect(batch.run()).rejects.toThrow(/the model gave the probability/)
  await model.unload()
})

it.each([
  ['an input that is not there', { name: 'c', type: 'float32' as const, features: ['height'] }],
  ['another type', { name: 'a', type: 'int64' as const, features: ['height'] }],
  ['a feature that is none', { name: 'a', type: 'float32' as const, features: ['depth'] }],
])('a manifest with %s is refused', async (_, input) => {
  const onnx = { inputs: [input], output: 'prediction', takesMissing: true }
  await expect(load(manifest({ onnx }))).rejects.toThrow(/the graph has no input|which is no feature/)
})
