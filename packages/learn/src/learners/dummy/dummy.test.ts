import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fit, predict } from '../../fit.ts'
import { categoricalColumn, createFrame, type Frame } from '../../frame.ts'
import { modelFromBytes, modelToBytes } from '../../saving/model-bytes.ts'
import { classTarget, numberTarget } from '../../target.ts'
import { expectOnnxParity } from '../../testing/onnx-parity.ts'
import { dummyClassifier } from './classifier.ts'
import { dummyRegressor } from './regressor.ts'

const frameOf = (rows: number): Frame =>
  createFrame({ x: categoricalColumn(Array.from({ length: rows }, () => null)) })

describe('dummyRegressor', () => {
  const data = { frame: frameOf(4), target: numberTarget([1, 2, 4, 9]) }

  // numpy 2: mean, median and percentile(…, 30) of the target.
  it.each([
    [{}, 4],
    [{ strategy: 'median' }, 3],
    [{ strategy: 'quantile', quantile: 0.3 }, 1.9],
    [{ strategy: 'constant', constant: -7 }, -7],
  ] as const)('predicts with %j', (options, expected) => {
    const model = fit(dummyRegressor(options), data)
    const prediction = predict(modelFromBytes(modelToBytes(model)), frameOf(2))
    if (prediction.task !== 'regression') throw new Error(prediction.task)
    expect(prediction.values[0]).toBeCloseTo(expected, 12)
    expect(prediction.values).toHaveLength(2)
  })

  it('takes a weight for repetition', () => {
    const row = fc.record({ value: fc.integer({ min: -9, max: 9 }), weight: fc.integer({ min: 0, max: 3 }) })
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 1 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (rows, quantile) => {
          fc.pre(rows.some(({ weight }) => weight > 0))
          const spec = dummyRegressor({ strategy: 'quantile', quantile })
          const repeated = rows.flatMap(({ value, weight }) => Array.from({ length: weight }, () => value))
          const weighted = fit(spec, {
            frame: frameOf(rows.length),
            target: numberTarget(rows.map(({ value }) => value)),
            weights: Float64Array.from(rows, ({ weight }) => weight),
          })
          expect(weighted).toEqual(
            fit(spec, { frame: frameOf(repeated.length), target: numberTarget(repeated) }),
          )
        },
      ),
    )
  })

  it('refuses other options and targets', () => {
    expect(() => dummyRegressor({ quantile: 1.5 })).toThrow(
      "dummyRegressor's quantile must be a finite number >= 0 and <= 1, not 1.5",
    )
    expect(() => fit({ kind: 'dummyRegressor', options: { stratgy: 'mean' } }, data)).toThrow(
      "dummyRegressor has no option 'stratgy'; it has strategy, quantile, constant",
    )
    expect(() => fit(dummyRegressor(), { frame: data.frame, target: classTarget([1, 1, 1, 2]) })).toThrow(
      'dummyRegressor learns numbers',
    )
  })
})

describe('dummyClassifier', () => {
  const data = { frame: frameOf(4), target: classTarget(['b', 'a', 'b', 'b']) }
  const probabilities = (strategy: 'prior' | 'mostFrequent' | 'stratified', rows: number): Float64Array => {
    const model = fit(dummyClassifier({ strategy, seed: 3 }), data)
    const prediction = predict(modelFromBytes(modelToBytes(model)), frameOf(rows))
    if (prediction.task !== 'classification') throw new Error(prediction.task)
    expect(prediction.classes).toEqual(['a', 'b'])
    return prediction.probabilities
  }

  it('predicts shares, or the most frequent class', () => {
    expect(Array.from(probabilities('prior', 2))).toEqual([0.25, 0.75, 0.25, 0.75])
    expect(Array.from(probabilities('mostFrequent', 1))).toEqual([0, 1])
  })

  it('draws classes by their shares, the same ones for the same seed', () => {
    const drawn = probabilities('stratified', 4000)
    const share = drawn.filter((_, index) => index % 2 === 1).reduce((sum, one) => sum + one, 0) / 4000
    expect(share).toBeGreaterThan(0.72)
    expect(share).toBeLessThan(0.78)
    expect(probabilities('stratified', 4000)).toEqual(drawn)
  })

  it('refuses a target of numbers and models that are none', () => {
    expect(() => fit(dummyClassifier(), { frame: data.frame, target: numberTarget([1, 2, 3, 4]) })).toThrow(
      'dummyClassifier learns classes',
    )
    const model = { ...fit(dummyClassifier(), data), probabilities: Float64Array.of(1) }
    expect(() => modelFromBytes(modelToBytes(model))).toThrow(
      "the model's probabilities must be Float64Array of 2",
    )
  })

  it('is the same in ONNX', async () => {
    for (const classes of [
      ['b', 'a', 'b', 'b'],
      [false, true, true, true],
      [7, 8, 9, 8],
      [1.5, 2.5, 1.5, 1.5],
    ])
      await expectOnnxParity(
        fit(dummyClassifier(), { frame: data.frame, target: classTarget(classes) }),
        frameOf(3),
      )
    const numbers = { frame: data.frame, target: numberTarget([1, 2, 3, 5]) }
    await expectOnnxParity(fit(dummyRegressor(), numbers), frameOf(3))
    const drawn = fit(dummyClassifier({ strategy: 'stratified' }), data)
    await expect(expectOnnxParity(drawn, frameOf(3))).rejects.toThrow("'stratified' cannot be exported")
  })
})
