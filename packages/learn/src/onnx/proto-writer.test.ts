import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createProtoWriter } from './proto-writer.ts'

type Field = { field: number; value: number | Buffer }

/** A reader written from the specification, apart from the writer. */
const decode = (bytes: Uint8Array): Field[] => {
  const buffer = Buffer.from(bytes)
  const fields: Field[] = []
  let at = 0
  const varint = (): number => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = buffer[at]
      at += 1
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return Number(BigInt.asIntN(64, value))
    }
  }
  while (at < buffer.length) {
    const key = varint()
    const type = key & 7
    if (type === 0) fields.push({ field: key >>> 3, value: varint() })
    else if (type === 5) {
      fields.push({ field: key >>> 3, value: buffer.readFloatLE(at) })
      at += 4
    } else {
      const length = varint()
      fields.push({ field: key >>> 3, value: buffer.subarray(at, at + length) })
      at += length
    }
  }
  return fields
}

const integer = fc.oneof(fc.nat(), fc.maxSafeInteger())

describe('createProtoWriter', () => {
  it('writes what a reader of the specification reads', () => {
    fc.assert(
      fc.property(
        fc.nat(500),
        integer,
        fc.string({ unit: 'grapheme' }),
        fc.array(integer),
        (n, value, text, list) => {
          const field = n + 1
          const writer = createProtoWriter()
          writer.integer(field, value)
          writer.float(field, 0.5)
          writer.text(field, text)
          writer.message(field, (inner) => inner.integers(1, list))
          writer.floats(field, [1.5, Number.NaN])
          const fields = decode(writer.finish())
          expect(fields.map((read) => read.field)).toEqual(Array(5).fill(field))
          expect(fields[0].value).toBe(value)
          expect(fields[1].value).toBe(0.5)
          expect(String(fields[2].value)).toBe(text)
          const packed = decode(fields[3].value as Buffer)[0].value as Buffer
          // Read as if each packed integer had the key of field 1.
          const keyed = list.length === 0 ? [] : splitVarints(packed).flatMap((part) => [8, ...part])
          expect(decode(Uint8Array.from(keyed)).map((read) => read.value)).toEqual(list)
          const floats = fields[4].value as Buffer
          expect([floats.readFloatLE(0), floats.readFloatLE(4)]).toEqual([1.5, Number.NaN])
        },
      ),
    )
  })
})

const splitVarints = (bytes: Buffer): number[][] => {
  const parts: number[][] = [[]]
  for (const byte of bytes) {
    parts[parts.length - 1].push(byte)
    if (byte < 128) parts.push([])
  }
  return parts.slice(0, -1)
}
