import { describe, expect, it } from 'vitest'
import { fit, predict } from '../../fit.ts'
import { booleanColumn, categoricalColumn, createFrame, type Frame, numericColumn } from '../../frame.ts'
import type { Model } from '../../model.ts'
import { createRandom } from '../../random.ts'
import { modelFromBytes, modelToBytes } from '../../saving/model-bytes.ts'
import { expectOnnxParity } from '../../testing/onnx-parity.ts'
import { averagePathLength } from '../../trees/isolation/path-length.ts'
import { takeRows } from '../../trees/testing.ts'
import { isolationForest } from './isolation-forest.ts'

const score = (model: Model, frame: Frame) => {
  const prediction = predict(model, frame)
  if (prediction.task !== 'anomaly') throw new Error(prediction.task)
  return prediction
}

const makeFrame = (rows: number): Frame => {
  const random = createRandom(5)
  const normal = () => (random.below(1000) + random.below(1000) + random.below(1000)) / 1000
  const x = Array.from({ length: rows }, normal)
  const y = Array.from({ length: rows }, (_, row) => (row % 10 === 1 ? null : normal()))
  x[0] = 40
  y[0] = -40
  return createFrame({ x: numericColumn(x), y: numericColumn(y) })
}

describe('averagePathLength', () => {
  // scikit-learn 1.9.1: sklearn.ensemble._iforest._average_path_length
  it.each([
    [1, 0],
    [2, 1],
    [5, 2.327020052042847],
    [256, 10.244770920119917],
    [999, 12.967939884427995],
  ])('of %i rows is %f', (rows, expected) => {
    expect(averagePathLength(rows)).toBeCloseTo(expected, 12)
  })
})

describe('isolationForest', () => {
  const frame = makeFrame(300)

  it('finds the row that is far from all others', () => {
    const { scores, outliers } = score(fit(isolationForest(), { frame }), frame)
    expect(scores.indexOf(Math.max(...scores))).toBe(0)
    expect(outliers[0]).toBe(1)
    expect(scores.every((one) => one > 0 && one < 1)).toBe(true)
  })

  it('calls as many rows outliers as it is told', () => {
    const { outliers } = score(fit(isolationForest({ contamination: 0.1 }), { frame }), frame)
    expect(outliers.reduce((sum, one) => sum + one, 0)).toBe(30)
  })

  it('follows the seed, and survives saving', () => {
    const grow = (seed: number) => fit(isolationForest({ nEstimators: 5, maxFeatures: 0.5, seed }), { frame })
    expect(grow(1)).toEqual(grow(1))
    expect(grow(1)).not.toEqual(grow(2))
    expect(modelFromBytes(modelToBytes(grow(1)))).toEqual(grow(1))
  })

  it.each([
    isolationForest({ nEstimators: 30 }),
    // The threshold is then the score of a row.
    isolationForest({ nEstimators: 30, contamination: 13 / 299 }),
    isolationForest({ nEstimators: 7, maxSamples: 1 }),
  ])('is the same in ONNX: $options', async (spec) => {
    await expectOnnxParity(fit(spec, { frame }), frame)
  })

  it('takes weights for repetition, to the last bit', () => {
    const weights = Float64Array.from({ length: 300 }, (_, row) => row % 3)
    const repeated = Array.from(weights).flatMap((weight, row) => Array.from({ length: weight }, () => row))
    const spec = isolationForest({ nEstimators: 10, maxSamples: 0.4, contamination: 0.2 })
    const weighted = score(fit(spec, { frame, weights }), frame)
    expect(weighted).toEqual(score(fit(spec, { frame: takeRows(frame, repeated) }), frame))
  })

  it('finds nothing strange where all rows are alike', () => {
    const alike = createFrame({ x: numericColumn([1, 1, 1]), late: booleanColumn([true, true, null]) })
    expect(new Set(score(fit(isolationForest(), { frame: alike }), alike).scores).size).toBe(1)
    const single = createFrame({ x: numericColumn([1]) })
    expect(Array.from(score(fit(isolationForest(), { frame: single }), single).scores)).toEqual([0.5])
  })

  it('refuses what it cannot use', () => {
    const city = createFrame({ city: categoricalColumn(['a', 'b']) })
    expect(() => fit(isolationForest(), { frame: city })).toThrow('put oneHot() or targetEncode() before it')
    expect(() => isolationForest({ contamination: 0.7 })).toThrow(
      "must be 'auto' or a share > 0 and <= 0.5, not 0.7",
    )
    expect(() => isolationForest({ maxSamples: 1.5 })).toThrow('a count >= 1 or a share')
    const weights = new Float64Array(300).fill(0.5)
    expect(() => fit(isolationForest(), { frame, weights })).toThrow(
      'whole numbers as weights; row 0 has 0.5',
    )
  })
})
