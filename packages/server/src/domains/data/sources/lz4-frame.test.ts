import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { unpackLz4Frame } from './lz4-frame.ts'

/** What the command `lz4` made of `hello world ` 12000 times, once more packed by gzip. */
const hello = {
  'linked blocks with checksums (-1 -B4 -BD)':
    'H4sIAAAAAAACA2NR8pVwcYgTY2RgOJ+RmpOTr1CeX5STosDD8H+EgzsBCqAA4QKGDP+fkR4Y/18EgJOGBwMwnYDSByytkJNO+gLASQxoFIP5hsgsAH9IkSqDAgAA',
  'independent blocks with checksums of their own (-12 -B4 -BX --no-frame-crc)':
    'H4sIAAAAAAACA2NR8pUocFgrxsjAcD4jNScnX6E8vygnRYGH4f8IB3cCFEAB0m1w4gg4dGAhAxIcDZ07AeCkwhO2fY8HAzB0YCEDFiQjdPoCwIG7cv/qPUDjGAC/TGUKlwIAAA==',
}
const frame = gunzipSync(Buffer.from(Object.values(hello)[0], 'base64'))
const limit = 1 << 20

test.each(Object.entries(hello))('a frame is unpacked: %s', (_, packed) => {
  const unpacked = unpackLz4Frame(gunzipSync(Buffer.from(packed, 'base64')), limit)
  expect(Buffer.from(unpacked).toString('latin1') === 'hello world '.repeat(12_000)).toBe(true)
})

test('a frame that tells its size', () => {
  const packed = 'BCJNGGRApxgAAAA/YWJjAwAR8AAsIGFuZCB0aGVuIHNvbWUAAAAAdnwHbA=='
  const text = `${'abc'.repeat(13)}, and then some`
  expect(Buffer.from(unpackLz4Frame(Buffer.from(packed, 'base64'), limit)).toString()).toBe(text)
})

test('what is no frame, is cut off, damaged or too long is refused', () => {
  expect(() => unpackLz4Frame(Buffer.from('no frame'), limit)).toThrow('it is no LZ4 frame')
  expect(() => unpackLz4Frame(frame, 1000)).toThrow('more than 1000 bytes')
  // Without the end mark and the checksum after it.
  for (let length = 0; length < frame.length - 8; length++)
    expect(() => unpackLz4Frame(frame.subarray(0, length), limit)).toThrow(RangeError)
  fc.assert(
    fc.property(fc.nat(frame.length - 1), fc.nat(255), (at, byte) => {
      const damaged = Uint8Array.from(frame)
      damaged[at] = byte
      try {
        expect(unpackLz4Frame(damaged, limit).length).toBeLessThanOrEqual(limit)
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError)
      }
    }),
  )
})
