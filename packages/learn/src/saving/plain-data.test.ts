import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packData, unpackData } from './plain-data.ts'

const roundTrip = (data: unknown): unknown => {
  const { json, arrays } = packData(data)
  let next = 0
  return unpackData(json, (byteLength) => {
    const { buffer, byteOffset, byteLength: length } = arrays[next]
    next += 1
    expect(length).toBe(byteLength)
    return new Uint8Array(buffer, byteOffset, length).slice().buffer
  })
}

describe('packData', () => {
  it('gives back plain data with typed arrays, to the last bit', () => {
    const leaf = fc.oneof(
      fc.double(),
      fc.string(),
      fc.boolean(),
      fc.constant(null),
      fc.float64Array({ maxLength: 5 }),
      fc.float32Array({ maxLength: 5 }),
      fc.int8Array({ maxLength: 5 }),
      fc.uint16Array({ maxLength: 5 }),
    )
    const keys = fc.oneof(
      fc.constantFrom('$array', '$number', '$', '$$x', 'kind'),
      fc.string().filter((key) => key !== '__proto__'),
    )
    const { data } = fc.letrec((tie) => ({
      data: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('data')), fc.dictionary(keys, tie('data'))),
    }))
    fc.assert(
      fc.property(data, (value) => {
        expect(roundTrip(value)).toEqual(value)
      }),
    )
  })

  it('refuses what is no plain data', () => {
    expect(() => packData({ f: () => 1 })).toThrow('a model cannot hold a function')
  })
})

describe('unpackData', () => {
  it.each([
    '{"$array":["f32",-1]}',
    '{"$array":["f32",0.5]}',
    '{"$array":["toString",1]}',
    '{"$array":"f32"}',
    '{"$number":"1"}',
  ])('refuses %s', (json) => {
    expect(() => unpackData(json, (length) => new ArrayBuffer(length))).toThrow(RangeError)
  })
})
