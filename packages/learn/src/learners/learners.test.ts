import { describe, expect, it } from 'vitest'
import { fit, predict } from '../fit.ts'
import { booleanColumn, categoricalColumn, createFrame, type Frame, numericColumn } from '../frame.ts'
import type { FitData, LearnerSpec } from '../learner.ts'
import type { Model, Prediction } from '../model.ts'
import { modelFromBytes, modelToBytes } from '../saving/model-bytes.ts'
import { takeRows } from '../take-rows.ts'
import { classTarget, numberTarget } from '../target.ts'
import { expectOnnxParity } from '../testing/onnx-parity.ts'
import { alternatingLeastSquares } from './alternating-least-squares/alternating-least-squares.ts'
import { calibrated } from './calibrated/calibrated.ts'
import { dummyClassifier } from './dummy/classifier.ts'
import { dummyRegressor } from './dummy/regressor.ts'
import { kMeans } from './k-means/k-means.ts'
import { kNeighborsClassifier } from './k-neighbors/classifier.ts'
import { kNeighborsRegressor } from './k-neighbors/regressor.ts'
import { elasticNet, lasso } from './linear/elastic-net.ts'
import { linearRegression } from './linear/linear-regression.ts'
import { ridge } from './linear/ridge.ts'
import { logisticRegression } from './logistic/logistic-regression.ts'

const rows = Array.from({ length: 60 }, (_, row) => row)
const frame = createFrame({
  size: numericColumn(rows.map((row) => ((row * 37) % 61) / 7)),
  age: numericColumn(rows.map((row) => (row * 11) % 17)),
  old: booleanColumn(rows.map((row) => (row * 11) % 17 > 8)),
})
const numbers = numberTarget(rows.map((row) => ((row * 37) % 61) - ((row * row) % 13)))
const classes = classTarget(
  rows.map((row) => ['no', 'yes', 'maybe'][((row * 37) % 61 < 30 ? 1 : 0) + (row % 5 ? 0 : 1)]),
)
const pairs = createFrame({
  user: categoricalColumn(rows.map((row) => `u${row % 9}`)),
  item: categoricalColumn(rows.map((row) => `i${(row * row) % 7}`)),
})
const regression: FitData = { frame, target: numbers }
const classification: FitData = { frame, target: classes }

const cases: readonly (readonly [LearnerSpec, FitData])[] = [
  [dummyRegressor({ strategy: 'median' }), regression],
  [dummyClassifier(), classification],
  [linearRegression(), regression],
  [ridge({ alpha: 2 }), regression],
  [lasso({ alpha: 0.01, tol: 1e-12 }), regression],
  [elasticNet({ alpha: 0.01, tol: 1e-12 }), regression],
  [logisticRegression({ tol: 1e-9 }), classification],
  [logisticRegression({ l1Ratio: 1, tol: 1e-9 }), classification],
  [kMeans({ nClusters: 3 }), { frame }],
  [kNeighborsClassifier(), classification],
  [kNeighborsRegressor({ weights: 'distance' }), regression],
  [calibrated({ learner: logisticRegression({ tol: 1e-9 }), folds: 3 }), classification],
  [calibrated({ learner: kNeighborsClassifier(), method: 'isotonic', folds: 3 }), classification],
  [
    alternatingLeastSquares({ factors: 3, iterations: 3 }),
    { frame: pairs, target: numberTarget(rows.map((row) => row % 4)) },
  ],
]

const numbersOf = (prediction: Prediction): ArrayLike<number> => {
  if (prediction.task === 'classification') return prediction.probabilities
  if (prediction.task === 'regression') return prediction.values
  return prediction.task === 'clustering' ? prediction.distances : prediction.scores
}

const expectSame = (actual: Prediction, expected: Prediction): void => {
  const [a, b] = [numbersOf(actual), numbersOf(expected)]
  expect(a).toHaveLength(b.length)
  for (let at = 0; at < b.length; at += 1) expect(a[at]).toBeCloseTo(b[at], 6)
}

const reverseColumns = (given: Frame): Frame =>
  createFrame(Object.fromEntries(Object.entries(given.columns).reverse()))

describe.each(
  cases.map(([spec, data]) => [`${spec.kind} ${JSON.stringify(spec.options)}`, spec, data] as const),
)('%s', (_, spec, data) => {
  const model = fit(JSON.parse(JSON.stringify(spec)), data)

  it('predicts finite numbers, and the same ones from a file', () => {
    const prediction = predict(model, data.frame)
    expect(Array.from(numbersOf(prediction)).every(Number.isFinite)).toBe(true)
    const bytes = modelToBytes(model)
    const loaded = modelFromBytes(bytes)
    expect(modelToBytes(loaded)).toEqual(bytes)
    expect(predict(loaded, data.frame)).toEqual(prediction)
    expect(modelToBytes(fit(spec, data))).toEqual(bytes)
  })

  it('does not depend on the order of columns', () => {
    const other = fit(spec, { ...data, frame: reverseColumns(data.frame) })
    expectSame(predict(other, data.frame), predict(model, reverseColumns(data.frame)))
  })

  // Folds are made of rows as they come.
  if (spec.kind !== 'calibrated')
    it('does not depend on the order of rows', () => {
      expectSame(
        predict(fit(spec, takeRows(data, rows.toReversed())), data.frame),
        predict(model, data.frame),
      )
    })

  it('is the same in ONNX', async () => {
    await expectOnnxParity(model, data.frame)
  })

  // The others have one step.
  if (!/^(dummy|kNeighbors)/.test(spec.kind))
    it('stops between two steps when it is told to', () => {
      let calls = 0
      const throwIfAborted = (): void => {
        calls += 1
        if (calls > 1) throw new Error('stopped')
      }
      expect(() => fit(spec, data, { signal: { throwIfAborted } })).toThrow('stopped')
    })

  it('predicts no rows', () => {
    const none = takeRows(data, []).frame
    expect(numbersOf(predict(model, none))).toHaveLength(0)
  })

  it('refuses an empty frame, infinite numbers, columns of another kind or missing ones', () => {
    expect(() => fit(spec, takeRows(data, []))).toThrow('is empty')
    const [first] = Object.keys(data.frame.columns)
    const others = Object.fromEntries(Object.entries(data.frame.columns).slice(1))
    expect(() => predict(model, createFrame(others))).toThrow(`lacks column '${first}'`)
    const wrong = { ...data.frame.columns, [first]: booleanColumn(rows.map(() => true)) }
    expect(() => predict(model, createFrame(wrong))).toThrow(`column '${first}' is boolean`)
    const infinite = { ...others, size: numericColumn(rows.map(() => Infinity)) }
    expect(() => fit(spec, { ...data, frame: createFrame(infinite) })).toThrow("'size' is infinite")
  })

  it('refuses a file that lacks a part, or has another in its place', () => {
    const harmless = ['iterations', 'converged', 'inertia']
    for (const part of Object.keys(model).filter((key) => !harmless.includes(key)))
      for (const instead of [
        undefined,
        Number.NaN,
        'text',
        {},
        [null],
        ...(part === 'drawSeed' ? [] : [null]),
      ]) {
        const broken = { ...model, [part]: instead } as Model
        expect(() => modelFromBytes(modelToBytes(broken)), `${part} = ${JSON.stringify(instead)}`).toThrow(
          RangeError,
        )
      }
  })
})
