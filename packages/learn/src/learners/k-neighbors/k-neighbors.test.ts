import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exportModel } from '../../export-model.ts'
import { fit, predict } from '../../fit.ts'
import { modelFromBytes, modelToBytes } from '../../saving/model-bytes.ts'
import { classTarget, numberTarget } from '../../target.ts'
import { classesOf, frameOf, relativeError, valuesOf } from '../../testing/frames.ts'
import { expectOnnxParity } from '../../testing/onnx-parity.ts'
import { kNeighborsClassifier } from './classifier.ts'
import fixture from './fixtures/k-neighbors.json' with { type: 'json' }
import type { KNeighborsOptions } from './k-neighbors.ts'
import { kNeighborsRegressor } from './regressor.ts'

const frame = frameOf(fixture.x)
const fresh = frameOf(fixture.fresh)

describe('k nearest neighbours', () => {
  it.each(fixture.cases.map((golden) => [JSON.stringify(golden.options), golden] as const))(
    '%s predict as those of scikit-learn',
    async (_, golden) => {
      const options = golden.options as KNeighborsOptions
      const regressor = fit(kNeighborsRegressor(options), { frame, target: numberTarget(fixture.numbers) })
      expect(relativeError(valuesOf(predict(regressor, fresh)), golden.values)).toBeLessThan(1e-6)
      expect(modelFromBytes(modelToBytes(regressor))).toEqual(regressor)
      const classifier = fit(kNeighborsClassifier(options), { frame, target: classTarget(fixture.codes) })
      const { probabilities } = classesOf(predict(modelFromBytes(modelToBytes(classifier)), fresh))
      expect(relativeError(probabilities, golden.probabilities)).toBeLessThan(1e-6)
      await expectOnnxParity(regressor, fresh)
      await expectOnnxParity(classifier, fresh)
    },
  )

  const value = fc.integer({ min: -4, max: 4 })
  const row = fc.record({ x: fc.tuple(value, value), y: value, weight: fc.integer({ min: 1, max: 3 }) })
  const rows = fc.array(row, { minLength: 5, maxLength: 120 })

  it('finds the nearest of all rows, whatever their order', () => {
    const metrics = fc.constantFrom('euclidean' as const, 'manhattan' as const)
    fc.assert(
      fc.property(rows, fc.tuple(value, value), metrics, (known, [a, b], metric) => {
        const measure = (x: readonly [number, number]): number =>
          metric === 'manhattan' ? Math.abs(x[0] - a) + Math.abs(x[1] - b) : (x[0] - a) ** 2 + (x[1] - b) ** 2
        const spec = kNeighborsRegressor({ nNeighbors: 3, metric })
        const predictFrom = (ordered: typeof known): number =>
          valuesOf(
            predict(
              fit(spec, {
                frame: frameOf(ordered.map(({ x }) => x)),
                target: numberTarget(ordered.map(({ x }) => measure(x))),
              }),
              frameOf([[a, b]]),
            ),
          )[0]
        const nearest = known
          .map(({ x }) => measure(x))
          .sort((one, other) => one - other)
          .slice(0, 3)
        expect(predictFrom(known)).toBeCloseTo(nearest.reduce((sum, distance) => sum + distance, 0) / 3, 9)
        expect(predictFrom(known.toReversed())).toBe(predictFrom(known))
      }),
    )
  })

  it('take a weight for repetition', () => {
    const options = fc.record({
      nNeighbors: fc.integer({ min: 1, max: 5 }),
      weights: fc.constantFrom('uniform' as const, 'distance' as const),
    })
    fc.assert(
      fc.property(rows, options, (known, chosen) => {
        const repeated = known.flatMap((one) => Array.from({ length: one.weight }, () => one)).reverse()
        const toData = (list: typeof known) => ({
          frame: frameOf(list.map(({ x }) => x)),
          target: numberTarget(list.map(({ y }) => y)),
        })
        const spec = kNeighborsRegressor(chosen)
        const queries = frameOf([
          [0, 0],
          [1.5, -2],
          [9, 9],
        ])
        const weights = Float64Array.from(known, ({ weight }) => weight)
        const weighted = valuesOf(predict(fit(spec, { ...toData(known), weights }), queries))
        const plain = valuesOf(predict(fit(spec, toData(repeated)), queries))
        plain.forEach((expected, index) => {
          expect(weighted[index]).toBeCloseTo(expected, 9)
        })
      }),
    )
  })

  it('break ties in ONNX as they do here', async () => {
    const options = fc.record({
      nNeighbors: fc.integer({ min: 1, max: 5 }),
      weights: fc.constantFrom('uniform' as const, 'distance' as const),
      metric: fc.constantFrom('euclidean' as const, 'manhattan' as const),
    })
    await fc.assert(
      fc.asyncProperty(rows, options, async (known, chosen) => {
        const table = frameOf(known.map(({ x }) => x))
        const target = numberTarget(known.map(({ y }) => y))
        await expectOnnxParity(fit(kNeighborsRegressor(chosen), { frame: table, target }), table)
      }),
      { numRuns: 20 },
    )
  })

  it('say what they cannot take', () => {
    const few = { frame: frameOf([[1], [2]]), target: numberTarget([1, 2]) }
    expect(() => fit(kNeighborsRegressor(), few)).toThrow('nNeighbors is 5, but the rows weigh 2 together')
    expect(() => kNeighborsRegressor({ metric: 'hamming' as 'cosine' })).toThrow(
      "kNeighborsRegressor's metric must be 'euclidean' or 'manhattan' or 'cosine', not 'hamming'",
    )
    const cosine = kNeighborsRegressor({ nNeighbors: 1, metric: 'cosine' })
    expect(() => fit(cosine, { ...few, frame: frameOf([[0], [2]]) })).toThrow('takes no row of zeros')
    expect(() => fit(cosine, { ...few, frame: frameOf([[null], [2]]) })).toThrow('put impute() before it')
    const model = fit(kNeighborsRegressor({ nNeighbors: 1 }), few)
    const weighed = fit(kNeighborsRegressor({ nNeighbors: 1 }), { ...few, weights: Float64Array.of(1, 2) })
    expect(() => exportModel(weighed)).toThrow(
      'a kNeighborsRegressor of rows with weights cannot be exported',
    )
    const broken = { ...model, targets: Float64Array.of(1, Number.NaN) }
    expect(() => modelFromBytes(modelToBytes(broken))).toThrow("the model's targets must be finite numbers")
    const codes = { ...few, target: classTarget(['a', 'b']) }
    const wrong = { ...fit(kNeighborsClassifier({ nNeighbors: 1 }), codes), targets: Float64Array.of(0, 2) }
    expect(() => modelFromBytes(modelToBytes(wrong))).toThrow('codes of its 2 classes')
  })
})
