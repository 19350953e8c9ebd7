import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fit } from '../../fit.ts'
import { booleanColumn, categoricalColumn, createFrame, type Frame, numericColumn } from '../../frame.ts'
import lightgbmGolden from '../../importers/fixtures/lightgbm.json' with { type: 'json' }
import xgboostGolden from '../../importers/fixtures/xgboost.json' with { type: 'json' }
import { importLightgbm } from '../../importers/lightgbm.ts'
import { importXgboost } from '../../importers/xgboost.ts'
import type { LearnerSpec } from '../../learner.ts'
import { randomForestClassifier } from '../../learners/forest/classifier.ts'
import { extraTreesRegressor } from '../../learners/forest/regressor.ts'
import { gradientBoostingClassifier } from '../../learners/gradient-boosting/classifier.ts'
import { gradientBoostingRegressor } from '../../learners/gradient-boosting/regressor.ts'
import type { TreeEnsembleRegressorModel } from '../../learners/tree-ensemble/regressor.ts'
import type { Model } from '../../model.ts'
import { createRandom } from '../../random.ts'
import { classTarget, numberTarget, type Target } from '../../target.ts'
import { expectOnnxParity } from '../../testing/onnx-parity.ts'
import { columnsOf, randomEnsemble, randomTable } from '../../testing/random-ensembles.ts'

interface Golden {
  readonly rows: (number | null)[][]
  readonly cities: string[] | null
}

const toFrame = ({ rows, cities }: Golden, { inputs }: Model): Frame =>
  createFrame(
    Object.fromEntries(
      inputs.map(({ name }, column) => [
        name,
        cities && column === rows[0].length
          ? categoricalColumn([...cities.slice(1), null])
          : numericColumn(rows.map((row) => row[column])),
      ]),
    ),
  )

const makeFrame = (rows: number, seed: number, cities: number): Frame => {
  const random = createRandom(seed, 0)
  const list = <T>(make: () => T) =>
    Array.from({ length: rows }, () => (random.below(10) === 0 ? null : make()))
  return createFrame({
    a: numericColumn(list(() => random.below(1000) / 8)),
    city: categoricalColumn(list(() => `c${random.below(cities)}`)),
    flag: booleanColumn(list(() => random.below(2) === 1)),
    b: numericColumn(list(() => random.below(40))),
  })
}

const frame = makeFrame(600, 1, 70)
const { a, city, b } = frame.columns
const signal = Float64Array.from({ length: 600 }, (_, row) => {
  if (a.kind !== 'numeric' || b.kind !== 'numeric' || city.kind !== 'categorical') return 0
  return ((city.codes[row] * 37) % 11) + (a.values[row] || 5) / 20 - (b.values[row] || 9) / 10
})
const numbers = numberTarget(signal)
const counts = numberTarget(signal.map((value) => Math.max(0, Math.round(value))))
const two = classTarget(Array.from(signal, (value) => (value > 6 ? 'yes' : 'no')))
const three = classTarget(Array.from(signal, (value) => (value > 8 ? 2 : value > 4 ? 1 : 0)))

const cases: readonly (readonly [LearnerSpec, Target])[] = [
  [gradientBoostingRegressor(), numbers],
  [gradientBoostingRegressor({ loss: 'poisson', nEstimators: 20 }), counts],
  [gradientBoostingClassifier({ nEstimators: 40 }), two],
  [gradientBoostingClassifier({ nEstimators: 20 }), three],
  [randomForestClassifier({ nEstimators: 20 }), two],
  [randomForestClassifier({ nEstimators: 20 }), three],
  [extraTreesRegressor({ nEstimators: 20 }), numbers],
]

describe('exported trees', () => {
  it.each(cases)('predict in ONNX Runtime as here: $kind', async (spec, target) => {
    const model = fit(spec, { frame, target })
    await expectOnnxParity(model, frame)
    // Categories that it has not seen, too.
    await expectOnnxParity(model, makeFrame(300, 2, 90))
  })

  it.each(xgboostGolden.cases)('of XGBoost predict alike: $name', async (one) => {
    const model = importXgboost(one.json)
    await expectOnnxParity(model, toFrame(one, model))
  })

  it.each(lightgbmGolden.cases)('of LightGBM predict alike: $name', async (one) => {
    const model = importLightgbm(one.text)
    await expectOnnxParity(model, toFrame(one, model))
  })

  it('of any shape predict alike', async () => {
    await fc.assert(
      fc.asyncProperty(randomEnsemble, randomTable, async (trees, table) => {
        // A code is no negative fraction; here it would count as 0, in ONNX as -1.
        const rows = table.map((row) => row.map((value) => (value > -1 && value < 0 ? 0 : value)))
        const columns = columnsOf(rows).map((values, column) => [`x${column}`, { kind: 'numeric', values }])
        const inputs = columns.map(([name]) => ({ name: String(name), kind: 'numeric' }) as const)
        const model: TreeEnsembleRegressorModel = {
          kind: 'treeEnsembleRegressor',
          inputs,
          output: { task: 'regression' },
          trees: { ...trees, link: 'identity' },
        }
        await expectOnnxParity(model, createFrame(Object.fromEntries(columns)))
      }),
      { numRuns: 60 },
    )
  })

  it('can be constant', async () => {
    const flat = numberTarget(new Float64Array(600).fill(3))
    await expectOnnxParity(fit(gradientBoostingRegressor({ nEstimators: 2 }), { frame, target: flat }), frame)
    expect(frame.rows).toBe(600)
  })
})
