import fc from 'fast-check'
import { expect, test } from 'vitest'
import { packRow, unpackRow } from './online-row.ts'

const cell = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.double({ noNaN: true }),
  fc.maxSafeInteger(),
  fc.string({ unit: 'grapheme' }),
)

test('every row comes back to the last bit, wherever its bytes lie', () => {
  fc.assert(
    fc.property(fc.array(cell), fc.nat(9), (values, offset) => {
      const packed = packRow(values)
      const within = new Uint8Array(packed.length + offset)
      within.set(packed, offset)
      expect(unpackRow(within.subarray(offset))).toEqual(values)
    }),
  )
})

test('a number takes 9 bytes, a null one', () => {
  expect(packRow([1.5, null, 'é'])).toHaveLength(5 + 3 + 8 + 4 + 2)
})

test('another format is refused', () => {
  const bytes = packRow([1])
  bytes[0] = 9
  expect(() => unpackRow(bytes)).toThrow('unknown format 9')
})
