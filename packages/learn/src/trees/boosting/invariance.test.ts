import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fit } from '../../fit.ts'
import { createFrame, numericColumn } from '../../frame.ts'
import {
  type GradientBoostingClassifierOptions,
  gradientBoostingClassifier,
} from '../../learners/gradient-boosting/classifier.ts'
import {
  type GradientBoostingRegressorModel,
  gradientBoostingRegressor,
} from '../../learners/gradient-boosting/regressor.ts'
import { createRandom } from '../../random.ts'
import { modelFromBytes, modelToBytes } from '../../saving/model-bytes.ts'
import { classTarget, numberTarget } from '../../target.ts'
import { predictNumbers, takeRows } from '../testing.ts'
import { makeData, regress } from './testing.ts'

describe('the order of things', () => {
  const { frame, numbers, labels } = makeData(300)
  const spec = gradientBoostingClassifier({ nEstimators: 8, minSamplesLeaf: 3 })

  it('of rows does not matter', () => {
    const order = Array.from({ length: 300 }, (_, row) => (row * 7) % 300)
    const model = fit(spec, { frame, target: classTarget(labels) })
    const shuffled = fit(spec, {
      frame: takeRows(frame, order),
      target: classTarget(order.map((row) => labels[row])),
    })
    expect(predictNumbers(shuffled, frame)).toEqual(predictNumbers(model, frame))
  })

  it('of columns does not matter', () => {
    const { a, b, city } = frame.columns
    const model = fit(spec, { frame, target: classTarget(labels) })
    const turned = fit(spec, { frame: createFrame({ city, b, a }), target: classTarget(labels) })
    expect(predictNumbers(turned, frame)).toEqual(predictNumbers(model, frame))
  })

  it('of numbers is all that matters about them', () => {
    const { a, b, city } = frame.columns
    if (a.kind !== 'numeric') throw new Error(a.kind)
    const scaled = createFrame({ a: numericColumn(a.values.map((value) => value * 1024)), b, city })
    const model = regress(frame, numbers, { nEstimators: 8 })
    const other = regress(scaled, numbers, { nEstimators: 8 })
    expect(predictNumbers(other, scaled)).toEqual(predictNumbers(model, frame))
  })

  it('survives saving', () => {
    const model = fit(spec, { frame, target: classTarget(labels) })
    expect(modelFromBytes(modelToBytes(model))).toEqual(model)
  })
})

describe('weights', () => {
  it('stand for repetition', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.constantFrom('squared_error', 'poisson'),
        (seed, loss) => {
          const { frame, numbers } = makeData(60, seed)
          const random = createRandom(seed, 1)
          const weights = Float64Array.from(numbers, () => random.below(4))
          const repeated = Array.from(weights).flatMap((weight, row) =>
            Array.from({ length: weight }, () => row),
          )
          const spec = gradientBoostingRegressor({
            loss,
            nEstimators: 5,
            minSamplesLeaf: 1,
            minChildWeight: 2,
            catSmooth: 0,
          })
          const weighted = fit(spec, { frame, target: numberTarget(numbers), weights })
          const plain = fit(spec, {
            frame: takeRows(frame, repeated),
            target: numberTarget(repeated.map((row) => numbers[row])),
          })
          const expected = predictNumbers(plain, frame)
          // Two tests that part the rows alike are equally good: rows that were not learnt from may go either way.
          predictNumbers(weighted, frame).forEach((value, row) => {
            if (weights[row] > 0) expect(Math.abs(value - expected[row])).toBeLessThan(1e-9)
          })
        },
      ),
      { numRuns: 15 },
    )
  })

  it('of classes are weights of their rows', () => {
    const { frame, labels } = makeData(200)
    const target = classTarget(labels)
    const options: GradientBoostingClassifierOptions = { nEstimators: 4, classWeight: { low: 3 } }
    const weights = Float64Array.from(labels, (label) => (label === 'low' ? 3 : 1))
    const byClass = fit(gradientBoostingClassifier(options), { frame, target })
    const byRow = fit(gradientBoostingClassifier({ nEstimators: 4 }), { frame, target, weights })
    expect(predictNumbers(byClass, frame)).toEqual(predictNumbers(byRow, frame))
    const balanced = fit(gradientBoostingClassifier({ nEstimators: 1, classWeight: 'balanced' }), {
      frame,
      target,
    })
    expect((balanced as unknown as GradientBoostingRegressorModel).trees.base[0]).toBeCloseTo(0, 12)
  })
})

describe('monotone constraints', () => {
  it('hold for every pair of rows', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.constantFrom(1 as const, -1 as const),
        (seed, direction) => {
          const { frame, numbers } = makeData(120, seed)
          const model = regress(frame, numbers, {
            nEstimators: 10,
            minSamplesLeaf: 2,
            monotonicCst: { a: direction },
          })
          const { b, city } = takeRows(
            frame,
            Array.from({ length: 40 }, () => seed % 120),
          ).columns
          const a = numericColumn(Array.from({ length: 40 }, (_, value) => value))
          const predicted = Array.from(predictNumbers(model, createFrame({ a, b, city })))
          const steps = predicted.slice(1).map((value, at) => (value - predicted[at]) * direction)
          expect(Math.min(...steps)).toBeGreaterThanOrEqual(-1e-12)
        },
      ),
      { numRuns: 20 },
    )
  })
})
