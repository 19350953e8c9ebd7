import { describe, expect, it } from 'vitest'
import { fit } from '../../fit.ts'
import { createFrame, numericColumn } from '../../frame.ts'
import type { IterationLoss } from '../../learner.ts'
import { gradientBoostingClassifier } from '../../learners/gradient-boosting/classifier.ts'
import {
  type GradientBoostingRegressorModel,
  type GradientBoostingRegressorOptions,
  gradientBoostingRegressor,
} from '../../learners/gradient-boosting/regressor.ts'
import { pipeline } from '../../pipeline/spec.ts'
import { classTarget, numberTarget } from '../../target.ts'
import { predictNumbers } from '../testing.ts'
import { makeData, one, regress } from './testing.ts'

describe('objectives', () => {
  const frame = createFrame({ x: numericColumn([1, 1, 1, 1, 2, 2, 2, 2]) })
  const numbers = [0, 1, 2, 21, 10, 11, 12, 99]

  it('set leaves to means, medians, quantiles and logarithms of means', () => {
    const predicted = (options: GradientBoostingRegressorOptions) =>
      Array.from(predictNumbers(regress(frame, numbers, { ...one, ...options }), frame))
    expect(predicted({ loss: 'squared_error' }).slice(3, 5)).toEqual([6, 33])
    expect(predicted({ loss: 'absolute_error' }).slice(3, 5)).toEqual([1.5, 11.5])
    expect(predicted({ loss: 'quantile', quantile: 0.25 }).slice(3, 5)).toEqual([0.75, 10.75])
    const poisson = predicted({ loss: 'poisson', nEstimators: 60, learningRate: 0.5 })
    expect(poisson[0]).toBeCloseTo(6, 4)
    expect(poisson[7]).toBeCloseTo(33, 4)
  })

  it('approach the shares of classes', () => {
    const labels = ['a', 'a', 'a', 'b', 'b', 'c', 'c', 'c']
    const spec = gradientBoostingClassifier({ nEstimators: 100, minSamplesLeaf: 1 })
    const three = predictNumbers(fit(spec, { frame, target: classTarget(labels) }), frame)
    expect(three[0]).toBeCloseTo(0.75, 2)
    expect(three[23]).toBeCloseTo(0.75, 2)
    expect(three[0] + three[1] + three[2]).toBeCloseTo(1, 12)
    const two = predictNumbers(
      fit(spec, { frame, target: classTarget(labels.map((label) => label === 'b')) }),
      frame,
    )
    expect(two[1]).toBeCloseTo(0.25, 6)
  })
})

describe('early stopping', () => {
  const training = makeData(300, 1)
  const validation = makeData(300, 2)
  const fitWith = (options: GradientBoostingRegressorOptions) =>
    fit(gradientBoostingRegressor({ minSamplesLeaf: 2, ...options }), {
      frame: training.frame,
      target: numberTarget(training.numbers),
      validation: { frame: validation.frame, target: numberTarget(validation.numbers) },
    }) as GradientBoostingRegressorModel
  const lossOf = (model: GradientBoostingRegressorModel) =>
    predictNumbers(model, validation.frame).reduce(
      (sum, value, row) => sum + (value - validation.numbers[row]) ** 2,
      0,
    )

  it('keeps the trees up to the least loss', () => {
    const stopped = fitWith({ nEstimators: 400, nIterNoChange: 5, learningRate: 0.3 })
    const trees = stopped.trees.offsets.length - 1
    expect(trees).toBeLessThan(100)
    for (const nEstimators of [trees - 1, trees + 1, trees + 4])
      expect(
        lossOf(
          regress(training.frame, training.numbers, { minSamplesLeaf: 2, learningRate: 0.3, nEstimators }),
        ),
      ).toBeGreaterThanOrEqual(lossOf(stopped))
    const same = regress(training.frame, training.numbers, {
      minSamplesLeaf: 2,
      learningRate: 0.3,
      nEstimators: trees,
    })
    expect(stopped.trees).toEqual(same.trees)
  })

  it('tells the loss after each iteration, on both kinds of rows, through a pipeline', () => {
    const losses: IterationLoss[] = []
    const learner = gradientBoostingRegressor({ nEstimators: 3, minSamplesLeaf: 2 })
    const data = {
      frame: training.frame,
      target: numberTarget(training.numbers),
      validation: { frame: validation.frame, target: numberTarget(validation.numbers) },
    }
    fit(pipeline({ learner }), data, { onLoss: (loss) => losses.push(loss) })
    expect(losses.map(({ iteration }) => iteration)).toEqual([1, 2, 3])
    const model = regress(training.frame, training.numbers, { nEstimators: 3, minSamplesLeaf: 2 })
    expect(losses[2].validation).toBeCloseTo(lossOf(model) / 2 / 300, 8)
    const predicted = predictNumbers(model, training.frame)
    const squares = predicted.map((value, row) => (value - training.numbers[row]) ** 2)
    expect(losses[2].training).toBeCloseTo(squares.reduce((sum, square) => sum + square, 0) / 2 / 300, 8)
  })
})

describe('the loss of many rows', () => {
  it('is told of rows that count, and of all kinds, where they come in turns', () => {
    const rows = 150_000
    const frame = createFrame({ x: numericColumn(new Float32Array(rows)) })
    const target = numberTarget(Float64Array.from({ length: rows }, (_, row) => (row % 3 === 1 ? 3 : 0)))
    const weights = Float64Array.from({ length: rows }, (_, row) => (row % 3 === 0 ? 0 : 1))
    const losses: number[] = []
    fit(
      gradientBoostingRegressor({ nEstimators: 1 }),
      { frame, target, weights },
      { onLoss: ({ training }) => losses.push(training) },
    )
    expect(losses[0]).toBeCloseTo(1.5 ** 2 / 2, 1)
  })
})

describe('draws', () => {
  const { frame, numbers } = makeData(300)

  it('of rows and columns follow the seed', () => {
    const options = { nEstimators: 5, subsample: 0.5, colsampleBytree: 0.67, minSamplesLeaf: 5 }
    const grow = (seed: number) => regress(frame, numbers, { ...options, seed }).trees
    expect(grow(1)).toEqual(grow(1))
    expect(grow(1)).not.toEqual(grow(2))
    expect(grow(1).cover[0]).toBe(150)
    const { offsets, feature } = grow(3)
    for (let tree = 0; tree < 5; tree += 1)
      expect(
        new Set(feature.subarray(offsets[tree], offsets[tree + 1]).filter((one) => one >= 0)).size,
      ).toBeLessThan(3)
  })

  it('leave no row behind: the error is less than the noise, whose variance is 1 / 3', () => {
    const sampled = regress(frame, numbers, { nEstimators: 60, subsample: 0.5 })
    const errors = predictNumbers(sampled, frame).map((value, row) => (value - numbers[row]) ** 2)
    expect(errors.reduce((sum, error) => sum + error, 0) / 300).toBeLessThan(0.33)
  })
})
