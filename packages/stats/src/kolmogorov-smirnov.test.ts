import { describe, expect, it } from 'vitest'
import golden from './fixtures/scipy.json' with { type: 'json' }
import { kolmogorovSmirnov } from './kolmogorov-smirnov.ts'
import { fractions, relativeError } from './testing/samples.ts'

function sample([rows, multiplier, offset, power, shift]: number[]): number[] {
  return fractions(rows, multiplier, offset).map((value) => value ** power + shift)
}

describe('kolmogorovSmirnov', () => {
  it.each(golden.ks)('agrees with scipy on samples $a and $b', ({ a, b, statistic, pValue }) => {
    const test = kolmogorovSmirnov(sample(a), sample(b))
    const exact = Math.max(a[0], b[0]) <= 10_000
    expect(test.method).toBe(exact ? 'exact' : 'asymptotic')
    expect(relativeError(test.statistic, statistic)).toBeLessThan(1e-12)
    expect(relativeError(test.pValue, pValue)).toBeLessThan(exact ? 1e-11 : 0.015)
  })

  it('agrees with scipy on ties, whichever side comes first', () => {
    const a = fractions(80, 7919).map((value) => Math.floor(value * 5))
    const b = fractions(50, 104729).map((value) => Math.floor(value ** 1.5 * 5))
    for (const test of [kolmogorovSmirnov(a, b), kolmogorovSmirnov(b, a)]) {
      expect(test.statistic).toBeCloseTo(golden.ksTies.statistic, 12)
      expect(test.pValue).toBeCloseTo(golden.ksTies.pValue, 12)
    }
  })

  it('counts the paths of disjoint samples: 2 of C(6, 3)', () => {
    const test = kolmogorovSmirnov([1, 2, 3], [4, 5, 6])
    expect(test.statistic).toBe(1)
    expect(test.pValue).toBeCloseTo(0.1, 14)
  })

  it('drops values that are not finite and keeps the sample as it was', () => {
    const values = [3, Number.NaN, 1, Number.POSITIVE_INFINITY]
    expect(kolmogorovSmirnov(values, [1, 3])).toMatchObject({ statistic: 0, pValue: 1 })
    expect(values).toEqual([3, Number.NaN, 1, Number.POSITIVE_INFINITY])
  })

  it('refuses a side without values by name', () => {
    expect(() => kolmogorovSmirnov([], [1])).toThrow(/reference has no finite value/)
    expect(() => kolmogorovSmirnov([1], [Number.NaN])).toThrow(/current has no finite value/)
  })
})
