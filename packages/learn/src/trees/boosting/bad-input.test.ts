import { describe, expect, it } from 'vitest'
import { fit } from '../../fit.ts'
import { categoricalColumn, createFrame, numericColumn, timestampColumn } from '../../frame.ts'
import { gradientBoostingClassifier } from '../../learners/gradient-boosting/classifier.ts'
import { gradientBoostingRegressor } from '../../learners/gradient-boosting/regressor.ts'
import { classTarget, numberTarget } from '../../target.ts'
import { predictNumbers } from '../testing.ts'
import { regress } from './testing.ts'

describe('bad input', () => {
  const frame = createFrame({ x: numericColumn([1, 2, 3]) })
  const target = numberTarget([1, 2, 3])

  it.each([
    [
      { learningRate: 0 },
      "gradientBoostingRegressor's learningRate must be a finite number > 0 and <= 1, not 0",
    ],
    [
      { maxLeafNodes: 1 },
      "gradientBoostingRegressor's maxLeafNodes must be an integer from 2 to 32768, not 1",
    ],
    [{ monotonicCst: { x: 2 } }, 'must be an object of -1, 0 or 1 by column'],
    [{ nEstimator: 5 }, "has no option 'nEstimator'"],
  ])('refuses %j', (options, message) => {
    expect(() => gradientBoostingRegressor(options as object)).toThrow(message)
    expect(() => fit({ kind: 'gradientBoostingRegressor', options }, { frame, target })).toThrow(message)
  })

  it('names what is wrong with columns and targets', () => {
    const time = createFrame({ at: timestampColumn([1, 2, 3]) })
    expect(() => fit(gradientBoostingRegressor(), { frame: time, target })).toThrow(
      'put dateParts() before it',
    )
    expect(() => fit(gradientBoostingRegressor(), { frame })).toThrow('learns numbers')
    expect(() =>
      fit(gradientBoostingRegressor({ loss: 'poisson' }), { frame, target: numberTarget([1, -1, 2]) }),
    ).toThrow('row 1 holds -1')
    expect(() => fit(gradientBoostingRegressor({ monotonicCst: { y: 1 } }), { frame, target })).toThrow(
      "names 'y'",
    )
    expect(() => fit(gradientBoostingClassifier(), { frame, target: classTarget(['a', 'a', 'a']) })).toThrow(
      'two classes',
    )
  })

  it('learns the mean where nothing can be told apart', () => {
    const nothing = createFrame({
      x: numericColumn([null, null, null]),
      city: categoricalColumn([null, null, null]),
    })
    expect(Array.from(predictNumbers(regress(nothing, [1, 2, 6]), nothing))).toEqual([3, 3, 3])
    expect(Array.from(predictNumbers(regress(frame, [4, 4, 4]), frame))).toEqual([4, 4, 4])
    const single = createFrame({ x: numericColumn([1]) })
    expect(Array.from(predictNumbers(regress(single, [7]), single))).toEqual([7])
  })

  it('gives next to nothing to a class that no row has', () => {
    const target = { kind: 'classes', classes: ['a', 'b', 'c'], codes: Int32Array.of(0, 2, 0) } as const
    const model = fit(gradientBoostingClassifier({ minSamplesLeaf: 1 }), { frame, target })
    const predicted = predictNumbers(model, frame)
    expect(predicted[1]).toBeGreaterThan(0)
    expect(predicted[1]).toBeLessThan(1e-6)
    expect(predicted[5]).toBeGreaterThan(0.9)
    const weights = Float64Array.of(1, 0, 1)
    expect(() => fit(gradientBoostingClassifier(), { frame, target, weights })).toThrow('two classes')
  })

  it('learns as many classes as rows', () => {
    const model = fit(gradientBoostingClassifier({ minSamplesLeaf: 1 }), {
      frame,
      target: classTarget(['a', 'b', 'c']),
    })
    const predicted = predictNumbers(model, frame)
    expect(predicted[0]).toBeGreaterThan(0.9)
    expect(predicted[4]).toBeGreaterThan(0.9)
  })
})
