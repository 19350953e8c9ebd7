import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hellinger, jensenShannon, klDivergence, psi, totalVariation } from './distances.ts'
import golden from './fixtures/scipy.json' with { type: 'json' }

const { reference, current } = golden.counts
const distances = { psi, klDivergence, jensenShannon, hellinger, totalVariation }
const bounded = { jensenShannon: Math.sqrt(Math.LN2), hellinger: 1, totalVariation: 1 }
const pairs = fc
  .array(fc.tuple(fc.nat(1000), fc.nat(1000)), { minLength: 1, maxLength: 12 })
  .map((cells) => [cells.map(([r]) => r), cells.map(([, c]) => c)])
  .filter((sides) => sides.every((side) => side.some((count) => count > 0)))

describe('distances of counts', () => {
  it('agree with scipy', () => {
    expect(psi(reference, current)).toBeCloseTo(golden.counts.psi, 12)
    expect(klDivergence(reference, current)).toBeCloseTo(golden.counts.kl, 12)
    expect(jensenShannon(reference, current)).toBeCloseTo(golden.counts.js, 12)
    expect(hellinger(reference, current)).toBeCloseTo(golden.counts.hellinger, 12)
    expect(totalVariation(reference, current)).toBeCloseTo(golden.counts.tvd, 12)
  })

  it.each(Object.entries(distances))('%s is >= 0 and zero for equal counts', (_, distance) => {
    fc.assert(
      fc.property(pairs, ([r, c]) => {
        expect(distance(r, c)).toBeGreaterThanOrEqual(0)
        expect(distance(r, r)).toBeCloseTo(0, 7)
      }),
    )
  })

  it.each(Object.entries(distances))('%s does not depend on the order of the cells', (_, distance) => {
    fc.assert(
      fc.property(pairs, ([r, c]) => {
        expect(distance(r.toReversed(), c.toReversed())).toBeCloseTo(distance(r, c), 7)
      }),
    )
  })

  it('all but Kullback-Leibler are symmetric', () => {
    fc.assert(
      fc.property(pairs, ([r, c]) => {
        for (const distance of [psi, jensenShannon, hellinger, totalVariation]) {
          expect(distance(c, r)).toBeCloseTo(distance(r, c), 7)
        }
      }),
    )
    expect(klDivergence([9, 1], [5, 5])).not.toBeCloseTo(klDivergence([5, 5], [9, 1]), 3)
  })

  it.each(Object.entries(bounded))('%s stays within its bound and reaches it', (name, bound) => {
    const distance = distances[name as keyof typeof bounded]
    fc.assert(
      fc.property(pairs, ([r, c]) => {
        expect(distance(r, c)).toBeLessThanOrEqual(bound + 1e-12)
      }),
    )
    expect(distance([7, 0], [0, 3])).toBeCloseTo(bound, 12)
  })

  it('do not see the number of rows unless smoothed', () => {
    const tenfold = current.map((count) => 10 * count)
    for (const distance of [jensenShannon, hellinger, totalVariation]) {
      expect(distance(reference, tenfold)).toBeCloseTo(distance(reference, current), 12)
    }
    expect(psi([5, 5], [9, 1], { smoothing: 0 })).toBeCloseTo(psi([5, 5], [90, 10], { smoothing: 0 }), 12)
  })

  it('give Infinity for an empty cell only without smoothing', () => {
    expect(psi([5, 5], [10, 0], { smoothing: 0 })).toBe(Number.POSITIVE_INFINITY)
    expect(klDivergence([5, 5], [10, 0], { smoothing: 0 })).toBe(Number.POSITIVE_INFINITY)
    expect(psi([5, 5, 0], [9, 1, 0], { smoothing: 0 })).toBeCloseTo(psi([5, 5], [9, 1], { smoothing: 0 }), 12)
  })

  it.each(Object.entries(distances))('%s refuses bad counts by name', (_, distance) => {
    expect(() => distance([1, 2], [1])).toThrow(/current has 1 entries, expected 2/)
    expect(() => distance([0, 0], [1, 2])).toThrow(/reference has no rows/)
    expect(() => distance([1, 2], [0, 0])).toThrow(/current has no rows/)
    expect(() => distance([], [])).toThrow(RangeError)
    expect(() => distance([1, Number.NaN], [1, 2])).toThrow(/reference\[1\] is NaN/)
    expect(() => distance([1, 2], [-1, 2])).toThrow(/current\[0\] is -1/)
  })
})
