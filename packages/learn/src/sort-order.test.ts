import fc from 'fast-check'
import { expect, it } from 'vitest'
import { sortOrder } from './sort-order.ts'

it('orders as a stable sort with a comparison, whatever the numbers', () => {
  const number = fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(0, -0, 1, -1, Infinity, -Infinity))
  fc.assert(
    fc.property(fc.array(number, { maxLength: 50 }), (values) => {
      const expected = values
        .map((_, row) => row)
        .sort((a, b) => (values[a] < values[b] ? -1 : values[a] > values[b] ? 1 : 0))
      expect(Array.from(sortOrder(values))).toEqual(expected)
    }),
  )
})

it('orders typed arrays of any kind', () => {
  expect(Array.from(sortOrder(Float32Array.of(0.5, -2, 0.25)))).toEqual([1, 2, 0])
  expect(Array.from(sortOrder(Uint8Array.of(3, 3, 1)))).toEqual([2, 0, 1])
})
