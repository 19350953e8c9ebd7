import {
  categoricalColumn,
  classTarget,
  createFrame,
  fit,
  gradientBoostingRegressor,
  kNeighborsClassifier,
  type LearnerSpec,
  logisticRegression,
  numberTarget,
  numericColumn,
  oneHot,
  pipeline,
  type Target,
} from '@millrace/learn'
import { expect, it } from 'vitest'
import { logExplanations } from './explanation-plots.ts'
import type { TrainingDeps } from './training-deps.ts'

const rows = Array.from({ length: 2500 }, (_, row) => row)
const frame = createFrame({
  size: numericColumn(rows.map((row) => (row * 37) % 101)),
  age: numericColumn(rows.map((row) => (row * 11) % 17)),
})
const withText = createFrame({
  ...frame.columns,
  city: categoricalColumn(rows.map((row) => ['Bern', 'Oslo'][row % 2])),
})
const numbers = numberTarget(rows.map((row) => 2 * ((row * 37) % 101) + ((row * 11) % 17)))
const classes = classTarget(rows.map((row) => ['a', 'b', 'c'][Math.floor(((row * 37) % 101) / 34)]))

/** What is logged of a model that is fitted to these rows: the artifacts by path, and the lines of the log. */
async function log(spec: LearnerSpec, target: Target, given = frame) {
  const artifacts: Record<string, string> = {}
  const lines: string[] = []
  const tracking = {
    logArtifact: async (_run: string, path: string, bytes: Uint8Array) => {
      artifacts[path] = Buffer.from(bytes).toString('utf8')
    },
  } as unknown as TrainingDeps['tracking']
  const model = fit(spec, { frame: given, target })
  await logExplanations(tracking, 'run', { model, frame: given, log: (line) => lines.push(line) })
  const read = (path: string) => JSON.parse(artifacts[path])
  return { paths: Object.keys(artifacts).sort(), read, lines }
}

it('draws the SHAP values of trees, of at most 1,000 rows', async () => {
  const { paths, read, lines } = await log(
    gradientBoostingRegressor({ nEstimators: 20, maxDepth: 3, learningRate: 0.3 }),
    numbers,
  )
  expect(lines).toEqual([])
  expect(paths).toEqual([
    'feature_importance.json',
    'feature_importance.svg',
    'feature_importance.vl.json',
    'shap_importance.json',
    'shap_summary.svg',
    'shap_summary.vl.json',
  ])
  // Two of a size of 0 to 100, uniform: its mean distance from the mean is 25.
  expect(read('shap_importance.json')).toEqual([
    { name: 'size', importance: expect.closeTo(50, -1) },
    { name: 'age', importance: expect.closeTo(4.2, 0) },
  ])
  expect(read('shap_summary.vl.json').title).toBe('SHAP values')
})

it('draws coefficients by class, and the SHAP values of the columns before the transformers', async () => {
  const learner = pipeline({ columns: [['city', [oneHot()]]], learner: logisticRegression() })
  const { paths, read } = await log(learner, classes, withText)
  expect(paths).toEqual([
    'coefficients.json',
    'coefficients.svg',
    'coefficients.vl.json',
    'shap_importance.json',
    'shap_summary.svg',
    'shap_summary.vl.json',
  ])
  const importance = read('shap_importance.json')
  expect(importance.map(({ name }: { name: string }) => name).toSorted()).toEqual(['age', 'city', 'size'])
  expect(importance[0]).toMatchObject({
    name: 'size',
    byClass: { a: expect.any(Number), b: expect.any(Number), c: expect.any(Number) },
  })
})

it('says why there is none', async () => {
  expect(await log(kNeighborsClassifier(), classes)).toMatchObject({
    paths: [],
    lines: [
      expect.stringMatching(/^no SHAP values: a model of kind 'kNeighborsClassifier' cannot be explained/),
    ],
  })
})
