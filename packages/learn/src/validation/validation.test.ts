import { describe, expect, it } from 'vitest'
import { createFrame, numericColumn } from '../frame.ts'
import { dummyClassifier } from '../learners/dummy/classifier.ts'
import { dummyRegressor } from '../learners/dummy/regressor.ts'
import { ridge } from '../learners/linear/ridge.ts'
import { kFold, stratifiedKFold } from '../splits/k-fold.ts'
import { timeSeriesSplit } from '../splits/time-series-split.ts'
import { classTarget, numberTarget } from '../target.ts'
import golden from './fixtures/golden.json' with { type: 'json' }
import { optionGrid } from './option-grid.ts'
import { crossValidate, learningCurve, nestedCrossValidate } from './validate.ts'

const [a, b] = golden.x
const data = {
  frame: createFrame({ a: numericColumn(a), b: numericColumn(b) }),
  target: numberTarget(golden.y),
}

describe('crossValidate', () => {
  it('scores as scikit-learn', () => {
    const { folds, summary, outOfFold } = crossValidate(ridge({ alpha: 2 }), data, {
      splits: kFold({ nSplits: 4 }),
      metrics: ['r2', 'meanAbsoluteError'],
      trainScores: true,
    })
    folds.forEach((fold, index) => {
      for (const name of ['r2', 'meanAbsoluteError'] as const) {
        expect(fold.scores[name]).toBeCloseTo(golden.test[name][index], 10)
        expect(fold.train?.scores[name]).toBeCloseTo(golden.train[name][index], 10)
      }
    })
    expect(summary.r2.mean).toBeCloseTo(golden.test.r2.reduce((sum, value) => sum + value) / 4, 10)
    expect(Array.from(outOfFold.rows)).toEqual(golden.y.map((_, row) => row))
    if (outOfFold.prediction.task !== 'regression') throw new Error(outOfFold.prediction.task)
    outOfFold.prediction.values.forEach((value, row) => {
      expect(value).toBeCloseTo(golden.outOfFold[row], 10)
    })
  })

  it('predicts out of fold only what was tested, and takes means where rows were tested twice', () => {
    const splits = timeSeriesSplit({ nSplits: 2, testSize: 5 })
    const later = crossValidate(dummyRegressor(), data, { splits })
    expect(Array.from(later.outOfFold.rows)).toEqual([30, 31, 32, 33, 34, 35, 36, 37, 38, 39])
    const [train, other] = [Uint32Array.of(0, 1), Uint32Array.of(2, 3)]
    const test = Uint32Array.of(4)
    const twice = crossValidate(dummyRegressor(), data, {
      splits: [
        { train, test },
        { train: other, test },
      ],
    })
    const mean = (golden.y[0] + golden.y[1] + golden.y[2] + golden.y[3]) / 4
    const { prediction } = twice.outOfFold
    expect(prediction.task === 'regression' && prediction.values[0]).toBeCloseTo(mean, 12)
  })

  it('gives classes that a fold lacks probability 0, and says which metrics it does not define', () => {
    const labels = golden.y.map((_, row) => (row < 30 ? (row % 2 ? 'x' : 'y') : 'z'))
    const { folds, outOfFold } = crossValidate(
      dummyClassifier(),
      { ...data, target: classTarget(labels) },
      { splits: kFold({ nSplits: 4 }), metrics: ['accuracy', 'rocAuc'] },
    )
    expect(folds[3].scores).toEqual({ accuracy: 0 })
    expect(folds[3].undefinedScores.rocAuc).toContain('needs rows of each')
    if (outOfFold.prediction.task !== 'classification') throw new Error(outOfFold.prediction.task)
    expect(outOfFold.prediction.classes).toEqual(['x', 'y', 'z'])
    expect(Array.from(outOfFold.prediction.probabilities.slice(-3))).toEqual([0.5, 0.5, 0])
  })

  it('refuses bad input', () => {
    const spec = dummyRegressor()
    expect(() => crossValidate(spec, { frame: data.frame }, { splits: kFold() })).toThrow('needs a target')
    expect(() => crossValidate(spec, data, { splits: stratifiedKFold() })).toThrow(
      'needs a target of classes',
    )
    expect(() => crossValidate(spec, data, { splits: [] })).toThrow('at least one split')
    const one = Uint32Array.of(1)
    expect(() => crossValidate(spec, data, { splits: [{ train: one, test: one }] })).toThrow(
      'row 1 on both sides',
    )
    const far = Uint32Array.of(40)
    expect(() => crossValidate(spec, data, { splits: [{ train: one, test: far }] })).toThrow('has row 40')
    expect(() => crossValidate(spec, data, { splits: kFold(), metrics: ['accuracy'] })).toThrow(
      'accuracy is of classifications',
    )
  })
})

describe('nestedCrossValidate', () => {
  const specs = optionGrid({ alpha: [1e6, 0.1] }).map((options) => ridge(options))
  const options = { outer: kFold({ nSplits: 4 }), inner: kFold({ nSplits: 3 }), chooseBy: 'r2' }

  it('chooses within the training rows', () => {
    const { folds } = nestedCrossValidate(specs, data, options)
    for (const { chosen, innerScores } of folds) {
      expect(chosen).toBe(1)
      expect(innerScores[1]).toBeGreaterThan(innerScores[0])
    }
    // What is chosen scores as it does in plain cross-validation.
    const plain = crossValidate(specs[1], data, { splits: options.outer })
    expect(folds.map(({ scores }) => scores)).toEqual(plain.folds.map(({ scores }) => scores))
  })

  it('chooses the least of a loss', () => {
    const { folds } = nestedCrossValidate(specs, data, { ...options, chooseBy: 'rootMeanSquaredError' })
    expect(folds.map(({ chosen }) => chosen)).toEqual([1, 1, 1, 1])
  })

  it('refuses to choose from nothing, or by what is undefined', () => {
    expect(() => nestedCrossValidate([], data, options)).toThrow('no specification')
    const inner = kFold({ nSplits: 30 })
    expect(() => nestedCrossValidate(specs, data, { ...options, inner })).toThrow('r2 is undefined')
  })
})

describe('learningCurve', () => {
  it('learns from growing parts of the training rows', () => {
    const splits = kFold({ nSplits: 4 })
    const points = learningCurve(ridge(), data, {
      splits,
      trainSizes: [0.1, 0.5, 1],
      metrics: ['meanSquaredError'],
    })
    expect(points.map(({ trainRows }) => trainRows)).toEqual([3, 15, 30])
    const plain = crossValidate(ridge(), data, { splits, metrics: ['meanSquaredError'] })
    expect(points[2].test).toEqual(plain.summary)
    expect(points[0].train.meanSquaredError.mean).toBeLessThan(points[0].test.meanSquaredError.mean)
    expect(() => learningCurve(ridge(), data, { splits, trainSizes: [0] })).toThrow(
      'trainSizes must be shares',
    )
  })
})

describe('optionGrid', () => {
  it('combines all values', () => {
    expect(optionGrid({ alpha: [1, 2], fitIntercept: [true, false] })).toEqual([
      { alpha: 1, fitIntercept: true },
      { alpha: 1, fitIntercept: false },
      { alpha: 2, fitIntercept: true },
      { alpha: 2, fitIntercept: false },
    ])
    expect(() => optionGrid({ alpha: [] })).toThrow("option 'alpha' of the grid has no values")
  })
})
