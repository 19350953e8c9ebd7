import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normedWasserstein } from './wasserstein.ts'

const samples = fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 2, maxLength: 30 })

describe('normedWasserstein', () => {
  it('of a shifted sample is the shift in deviations of the reference', () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: -50, max: 50 }), (sample, shift) => {
        fc.pre(new Set(sample).size > 1)
        const mean = sample.reduce((sum, value) => sum + value, 0) / sample.length
        const variance = sample.reduce((sum, value) => sum + (value - mean) ** 2, 0) / sample.length
        const shifted = sample.map((value) => value + shift)
        expect(normedWasserstein(sample, shifted)).toBeCloseTo(Math.abs(shift) / Math.sqrt(variance), 9)
      }),
    )
  })

  it('does not see order, unit or repetition', () => {
    fc.assert(
      fc.property(samples, samples, (a, b) => {
        fc.pre(new Set(a).size > 1)
        const distance = normedWasserstein(a, b)
        expect(normedWasserstein(a.toReversed(), [...b, ...b])).toBeCloseTo(distance, 9)
        expect(
          normedWasserstein(
            a.map((value) => 8 * value),
            b.map((value) => 8 * value),
          ),
        ).toBeCloseTo(distance, 9)
      }),
    )
  })

  it('is defined for a constant reference', () => {
    expect(normedWasserstein([0.1, 0.1, 0.1], [0.1])).toBe(0)
    expect(normedWasserstein([0.1, 0.1, 0.1], [0.2])).toBe(Number.POSITIVE_INFINITY)
  })

  it('refuses a side without values by name', () => {
    expect(() => normedWasserstein([Number.NaN], [1])).toThrow(/reference has no finite value/)
    expect(() => normedWasserstein([1], [])).toThrow(/current has no finite value/)
  })
})
