import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chiSquareTwoSample, twoProportionTest } from './count-tests.ts'
import golden from './fixtures/scipy.json' with { type: 'json' }
import { relativeError } from './testing/samples.ts'

describe('chiSquareTwoSample', () => {
  it('agrees with scipy', () => {
    const [statistic, df, pValue] = golden.counts.chi2
    const test = chiSquareTwoSample(golden.counts.reference, golden.counts.current)
    expect(test.statistic).toBeCloseTo(statistic, 10)
    expect(test.degreesOfFreedom).toBe(df)
    expect(relativeError(test.pValue, pValue)).toBeLessThan(1e-11)
  })

  it('is the squared two-proportion test for two cells', () => {
    fc.assert(
      fc.property(fc.tuple(fc.nat(500), fc.nat(500), fc.nat(500), fc.nat(500)), ([a, b, c, d]) => {
        fc.pre(a + b > 0 && c + d > 0 && a + c > 0 && b + d > 0)
        const { z } = twoProportionTest({ successes: a, trials: a + b }, { successes: c, trials: c + d })
        expect(chiSquareTwoSample([a, b], [c, d]).statistic).toBeCloseTo(z * z, 6)
      }),
    )
  })

  it('takes no side and ignores cells that are empty on both', () => {
    const forward = chiSquareTwoSample([10, 0, 20], [5, 0, 30])
    expect(chiSquareTwoSample([5, 0, 30], [10, 0, 20])).toEqual(forward)
    expect(chiSquareTwoSample([10, 20], [5, 30])).toEqual(forward)
  })

  it('finds nothing in a single cell', () => {
    expect(chiSquareTwoSample([10, 0], [7, 0])).toEqual({ statistic: 0, degreesOfFreedom: 0, pValue: 1 })
  })

  it('refuses bad counts by name', () => {
    expect(() => chiSquareTwoSample([1], [1, 2])).toThrow(/current has 2 entries/)
    expect(() => chiSquareTwoSample([0], [1])).toThrow(/reference has no rows/)
    expect(() => chiSquareTwoSample([1], [0])).toThrow(/current has no rows/)
    expect(() => chiSquareTwoSample([1], [Number.POSITIVE_INFINITY])).toThrow(/current\[0\] is Infinity/)
  })
})

describe('twoProportionTest', () => {
  it('agrees with the recorded z tests', () => {
    const first = twoProportionTest({ successes: 400, trials: 1000 }, { successes: 350, trials: 800 })
    expect(relativeError(first.pValue, 0.10880943004054577)).toBeLessThan(1e-11)
    expect(first.difference).toBeCloseTo(0.0375, 15)
    const second = twoProportionTest({ successes: 70, trials: 120 }, { successes: 40, trials: 110 })
    expect(relativeError(second.pValue, 0.000862646936337752)).toBeLessThan(1e-11)
  })

  it('gives p = 1 when nothing varies', () => {
    expect(twoProportionTest({ successes: 0, trials: 5 }, { successes: 0, trials: 9 }).pValue).toBe(1)
    expect(twoProportionTest({ successes: 5, trials: 5 }, { successes: 9, trials: 9 }).pValue).toBe(1)
  })

  it('refuses impossible proportions by name', () => {
    const fine = { successes: 1, trials: 2 }
    expect(() => twoProportionTest({ successes: 0, trials: 0 }, fine)).toThrow(/reference.trials is 0/)
    expect(() => twoProportionTest(fine, { successes: 3, trials: 2 })).toThrow(/current.successes is 3/)
    expect(() => twoProportionTest(fine, { successes: Number.NaN, trials: 2 })).toThrow(
      /current.successes is NaN/,
    )
  })
})
