import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  calibrated,
  classTarget,
  createFrame,
  fit,
  kNeighborsRegressor,
  type LearnerSpec,
  linearRegression,
  logisticRegression,
  type Model,
  modelToBytes,
  numberTarget,
  numericColumn,
  type Target,
} from '@millrace/learn'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ModelManifest } from '../registry/index.ts'
import { loadExplainer } from './explainer.ts'

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'millrace-explainer-'))
})
afterAll(() => rm(dir, { recursive: true }))

const rows = Array.from({ length: 40 }, (_, row) => row)
const frame = createFrame({
  size: numericColumn(rows.map((row) => row % 10)),
  age: numericColumn(rows.map((row) => (row * 7) % 13)),
})
const numbers = numberTarget(rows.map((row) => 3 * (row % 10) - ((row * 7) % 13)))
const classesOf = (...labels: (string | boolean)[]) =>
  classTarget(rows.map((row) => labels[row % labels.length]))

/** An explainer of a model that is fitted to these rows, or why there is none. */
async function explainerOf(spec: LearnerSpec, target: Target) {
  const model: Model = fit(spec, { frame, target })
  await writeFile(join(dir, 'model.bin'), modelToBytes(model))
  const manifest = {
    task: target.kind === 'numbers' ? 'regression' : 'binary-classification',
    ...(target.kind === 'classes' && { classes: [...target.classes] }),
    files: { 'model.bin': 'digest' },
    features: [
      { name: 'size', type: 'float64' },
      { name: 'age', type: 'float64' },
    ],
  } as unknown as ModelManifest
  return loadExplainer({ openLocal: async () => join(dir, 'model.bin') }, manifest)
}
const row = { values: { age: 2, size: 9 }, degraded: [] }

it('explains a number by its linear function', async () => {
  const explainer = await explainerOf(linearRegression(), numbers)
  if (typeof explainer === 'string') throw new Error(explainer)
  const { prediction, explanation } = explainer.explain(row, 10)
  expect(prediction).toEqual({ value: expect.closeTo(25, 5) })
  const means = { size: 4.5, age: rows.reduce((sum, at) => sum + ((at * 7) % 13), 0) / 40 }
  expect(explanation).toEqual({
    link: 'identity',
    scores: [
      {
        base: expect.closeTo(3 * means.size - means.age, 5),
        score: expect.closeTo(25, 5),
        contributions: [
          { feature: 'size', value: 9, contribution: expect.closeTo(3 * (9 - means.size), 5) },
          { feature: 'age', value: 2, contribution: expect.closeTo(means.age - 2, 5) },
        ],
      },
    ],
  })
})

it.each<[(string | boolean)[], unknown[]]>([
  [[false, true], [1]],
  [['no', 'yes'], ['yes']],
  [
    ['a', 'b', 'c'],
    ['a', 'b', 'c'],
  ],
])('names what the scores of %j are for', async (labels, expected) => {
  const explainer = await explainerOf(logisticRegression(), classesOf(...labels))
  if (typeof explainer === 'string') throw new Error(explainer)
  expect(explainer.explain(row, 1).explanation.scores.map(({ label }) => label)).toEqual(expected)
})

it('refuses a file that is not what its manifest says', async () => {
  await writeFile(join(dir, 'other.bin'), modelToBytes(fit(linearRegression(), { frame, target: numbers })))
  const manifest = { classes: ['a', 'b'], files: { 'model.bin': 'digest' }, features: [] } as unknown
  await expect(
    loadExplainer({ openLocal: async () => join(dir, 'other.bin') }, manifest as ModelManifest),
  ).rejects.toThrow('the model predicts "numbers", the manifest says ["a","b"]')
})

it.each<[LearnerSpec, Target]>([
  [kNeighborsRegressor(), numbers],
  [calibrated({ learner: { kind: 'kNeighborsClassifier', options: {} }, folds: 2 }), classesOf('a', 'b')],
])('says that $kind cannot be explained', async (spec, target) => {
  expect(await explainerOf(spec, target)).toMatch(/^a model of kind 'kNeighbors\w+' cannot be explained/)
})
