import { describe, expect, it } from 'vitest'
import { calibrationInTheLarge, reliabilityBins } from './calibration.ts'
import golden from './fixtures/scipy.json' with { type: 'json' }
import { classifiers } from './testing/classifiers.ts'
import { createUniform, relativeError } from './testing/samples.ts'

const { labels, champion } = classifiers()

describe('calibrationInTheLarge', () => {
  it('agrees with scipy', () => {
    const test = calibrationInTheLarge(labels, champion)
    expect(test.rows).toBe(400)
    expect(test.observed).toBe(golden.calibration.observed)
    expect(test.expected).toBeCloseTo(golden.calibration.expected, 10)
    expect(relativeError(test.z, golden.calibration.z)).toBeLessThan(1e-11)
    expect(relativeError(test.pValue, golden.calibration.pValue)).toBeLessThan(1e-10)
    expect(test.effect).toBeCloseTo((golden.calibration.observed - golden.calibration.expected) / 400, 12)
  })

  it('rejects a calibrated model at rate alpha, and a biased one nearly always', () => {
    const uniform = createUniform(7)
    let [falseAlarms, found] = [0, 0]
    for (let i = 0; i < 500; i++) {
      const predicted = Float64Array.from({ length: 1000 }, () => 0.6 * uniform() ** 2)
      const calibrated = predicted.map((p) => (uniform() < p ? 1 : 0))
      const biased = predicted.map((p) => (uniform() < p + 0.06 ? 1 : 0))
      if (calibrationInTheLarge(calibrated, predicted).pValue < 0.05) falseAlarms++
      if (calibrationInTheLarge(biased, predicted).pValue < 0.05) found++
    }
    expect(falseAlarms / 500).toBeLessThanOrEqual(0.05 + 0.03)
    expect(found / 500).toBeGreaterThan(0.95)
  })

  it('is defined for predictions without doubt', () => {
    expect(calibrationInTheLarge([0, 1], [0, 1])).toMatchObject({ z: 0, pValue: 1, effect: 0 })
    expect(calibrationInTheLarge([1, 1], [0, 1])).toMatchObject({
      z: Number.POSITIVE_INFINITY,
      pValue: 0,
      effect: 0.5,
    })
  })

  it('refuses bad input by name', () => {
    for (const check of [calibrationInTheLarge, reliabilityBins]) {
      expect(() => check([], [])).toThrow(/labels is empty/)
      expect(() => check([1], [0.5, 0.5])).toThrow(/probabilities has 2 entries, expected 1/)
      expect(() => check([2], [0.5])).toThrow(/labels\[0\] is 2/)
      expect(() => check([1, 0], [0.5, Number.NaN])).toThrow(/probabilities\[1\] is NaN/)
      expect(() => check([1], [1.5])).toThrow(/probabilities\[0\] is 1.5/)
    }
  })
})

describe('reliabilityBins', () => {
  it('puts each prediction into its bin, 1 into the last, and keeps empty bins', () => {
    expect(reliabilityBins([0, 1, 1, 1], [0.1, 0.3, 0.5, 1], 4)).toEqual([
      { lower: 0, upper: 0.25, rows: 1, meanPredicted: 0.1, observedRate: 0 },
      { lower: 0.25, upper: 0.5, rows: 1, meanPredicted: 0.3, observedRate: 1 },
      { lower: 0.5, upper: 0.75, rows: 1, meanPredicted: 0.5, observedRate: 1 },
      { lower: 0.75, upper: 1, rows: 1, meanPredicted: 1, observedRate: 1 },
    ])
    expect(reliabilityBins([0], [0.5], 1)[0].rows).toBe(1)
    expect(reliabilityBins([0], [0.05])[9]).toMatchObject({
      rows: 0,
      meanPredicted: null,
      observedRate: null,
    })
  })

  it('adds up to the test in the large', () => {
    const bins = reliabilityBins(labels, champion)
    const expected = bins.reduce((sum, bin) => sum + bin.rows * (bin.meanPredicted ?? 0), 0)
    expect(expected).toBeCloseTo(golden.calibration.expected, 9)
  })

  it('refuses a number of bins that is none', () => {
    expect(() => reliabilityBins([1], [1], 0)).toThrow(/bins is 0/)
  })
})
