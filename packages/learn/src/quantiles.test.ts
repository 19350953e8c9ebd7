import fc from 'fast-check'
import { expect, it } from 'vitest'
import { findQuantiles } from './quantiles.ts'

it('interpolates as numpy 2.4: percentile([3, 1, 10, 4], [0, 10, 50, 90, 100])', () => {
  const found = findQuantiles([3, 1, Number.NaN, 10, 4], [0, 0.1, 0.5, 0.9, 1])
  expect(Array.from(found)).toEqual([1, 1.6, 3.5, expect.closeTo(8.2, 12), 10])
})

it('takes a weight for repetition', () => {
  const row = fc.tuple(fc.integer({ min: -5, max: 5 }), fc.integer({ min: 0, max: 3 }))
  fc.assert(
    fc.property(fc.array(row), fc.double({ min: 0, max: 1, noNaN: true }), (rows, share) => {
      const repeated = rows.flatMap(([value, weight]) => Array.from({ length: weight }, () => value))
      const values = rows.map(([value]) => value)
      const weighted = findQuantiles(
        values,
        [share],
        rows.map(([, weight]) => weight),
      )
      const [expected] = findQuantiles(repeated, [share])
      expect(weighted[0]).toEqual(Number.isNaN(expected) ? Number.NaN : expect.closeTo(expected, 12))
    }),
  )
})
