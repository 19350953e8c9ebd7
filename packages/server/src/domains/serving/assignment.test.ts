import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bucketOf, buckets, isCandidate } from './assignment.ts'

describe('assignment', () => {
  it('is fixed for ever: these buckets may never change', () => {
    expect(
      ['a', 'b', 'order-1', 'order-2', 'ü'].map((id) => bucketOf('lateness', id)),
    ).toMatchInlineSnapshot(`
      [
        6990,
        8437,
        965,
        1418,
        4793,
      ]
    `)
  })

  it('never moves an id back when the weight grows', () => {
    const percent = fc.integer({ min: 0, max: 100 })
    fc.assert(
      fc.property(fc.string(), percent, percent, (id, a, b) => {
        const bucket = bucketOf('salt', id)
        const [low, high] = [Math.min(a, b), Math.max(a, b)]
        expect(isCandidate(bucket, low) && !isCandidate(bucket, high)).toBe(false)
      }),
    )
  })

  it('gives none at 0 and all at 100', () => {
    fc.assert(
      fc.property(fc.string(), (id) => {
        expect(isCandidate(bucketOf('salt', id), 0)).toBe(false)
        expect(isCandidate(bucketOf('salt', id), 100)).toBe(true)
      }),
    )
  })

  it.each(['sequential', 'padded'])('spreads %s ids evenly', (kind) => {
    const cells = new Array<number>(100).fill(0)
    const rows = 200_000
    for (let i = 0; i < rows; i++) {
      const id = kind === 'sequential' ? String(i) : `flight-${String(i).padStart(12, '0')}`
      cells[Math.floor(bucketOf('lateness', id) / (buckets / 100))]++
    }
    const expected = rows / 100
    const statistic = cells.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
    // Chi-square with 99 degrees of freedom: 148.2 is exceeded with probability 0.001.
    expect(statistic).toBeLessThan(148.2)
  })
})
