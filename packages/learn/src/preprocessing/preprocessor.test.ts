import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { categoricalColumn, createFrame, numericColumn } from '../frame.ts'
import { findMedian } from './median.ts'
import { fitPreprocessor } from './preprocessor.ts'

describe('findMedian', () => {
  it('is the middle of the sorted values', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.integer({ min: -4, max: 4 }), fc.constant(Number.NaN))), (list) => {
        const sorted = list.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b)
        const middle = sorted.length / 2
        const expected =
          sorted.length === 0 ? undefined : (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2
        expect(findMedian(Float32Array.from(list))).toEqual(expected === undefined ? expected : expected + 0)
      }),
    )
  })
})

describe('fitPreprocessor', () => {
  it('learns medians and smoothed target means', () => {
    const frame = createFrame({
      x: numericColumn([1, null, 4, 2, 10]),
      gone: numericColumn([null, null, null, null, null]),
      city: categoricalColumn(['a', 'a', 'b', null, 'b']),
    })
    const fitted = fitPreprocessor(frame, [1, 0, 1, 0, 1], { smoothing: 2 })
    const prior = 3 / 5
    expect(fitted.prior).toBe(Math.fround(prior))
    expect(fitted.columns).toEqual([
      { kind: 'numeric', name: 'x', median: 3 },
      { kind: 'numeric', name: 'gone', median: 0 },
      {
        kind: 'categorical',
        name: 'city',
        categories: ['a', 'b'],
        means: Float32Array.of((1 + 2 * prior) / 4, (2 + 2 * prior) / 4),
      },
    ])
  })

  it('gives a category without rows the prior', () => {
    const city = { kind: 'categorical', codes: Int32Array.of(0, 0), categories: ['a', 'b'] } as const
    const fitted = fitPreprocessor(createFrame({ city }), [0, 1], { smoothing: 0 })
    expect(fitted.columns[0]).toMatchObject({ means: Float32Array.of(0.5, 0.5) })
  })
})
