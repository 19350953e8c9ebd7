import { decodeText } from '../text.ts'

/** A field of a Protocol Buffers message: a number for the wire types 0, 1 and 5, bytes for 2. */
export interface ProtoField {
  readonly field: number
  readonly value: Uint8Array | number
  /** The wire type, which says how a number was written. */
  readonly wire: number
}

const littleEndian = true

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/**
 * The fields of a message (https://protobuf.dev/programming-guides/encoding), in order. Integers are int64, exact up to
 * 2^53; those of wire type 5 are float32, of wire type 1 float64. Throws a RangeError for what is no message.
 */
export const readProto = (bytes: Uint8Array): ProtoField[] => {
  const view = viewOf(bytes)
  const fields: ProtoField[] = []
  let at = 0
  const take = (size: number): number => {
    if (!(size <= bytes.length - at)) throw new RangeError(`it ends within a field, at byte ${bytes.length}`)
    at += size
    return at - size
  }
  const varint = (): number => {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[take(1)]
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return Number(BigInt.asIntN(64, value))
    }
    throw new RangeError(`it has an integer of more than 64 bits before byte ${at}`)
  }
  const read = (wire: number): Uint8Array | number => {
    if (wire === 0) return varint()
    if (wire === 1) return view.getFloat64(take(8), littleEndian)
    if (wire === 5) return view.getFloat32(take(4), littleEndian)
    if (wire !== 2) throw new RangeError(`it has a field of wire type ${wire} before byte ${at}`)
    const length = varint()
    if (length < 0) throw new RangeError(`it has a field of ${length} bytes before byte ${at}`)
    const start = take(length)
    return bytes.subarray(start, at)
  }
  while (at < bytes.length) {
    const tag = varint()
    fields.push({ field: Math.floor(tag / 8), wire: tag & 7, value: read(tag & 7) })
  }
  return fields
}

const ofField = (fields: readonly ProtoField[], field: number): ProtoField[] =>
  fields.filter((one) => one.field === field)

/** The messages, texts or bytes of a repeated field. */
export const bytesOf = (fields: readonly ProtoField[], field: number): Uint8Array[] =>
  ofField(fields, field).flatMap(({ value }) => (typeof value === 'number' ? [] : [value]))

export const textsOf = (fields: readonly ProtoField[], field: number): string[] =>
  bytesOf(fields, field).map((bytes) => {
    try {
      return decodeText(bytes)
    } catch {
      throw new RangeError('it has a text that is not UTF-8')
    }
  })

/** The numbers of a repeated field, packed or one by one. */
export const numbersOf = (
  fields: readonly ProtoField[],
  field: number,
  element: 'integer' | 'float' | 'double',
): number[] =>
  ofField(fields, field).flatMap(({ value }) =>
    typeof value === 'number' ? [value] : unpack(value, element),
  )

const unpack = (bytes: Uint8Array, element: 'integer' | 'float' | 'double'): number[] => {
  if (element === 'integer') return unpackIntegers(bytes)
  const size = element === 'float' ? 4 : 8
  if (bytes.length % size !== 0) throw new RangeError(`it has a list of ${bytes.length} bytes of ${element}`)
  const view = viewOf(bytes)
  return Array.from({ length: bytes.length / size }, (_, index) =>
    element === 'float'
      ? view.getFloat32(index * size, littleEndian)
      : view.getFloat64(index * size, littleEndian),
  )
}

const unpackIntegers = (bytes: Uint8Array): number[] => {
  const integers: number[] = []
  let value = 0n
  let shift = 0n
  for (const byte of bytes) {
    value |= BigInt(byte & 127) << shift
    shift += 7n
    if (shift > 70n) throw new RangeError('it has an integer of more than 64 bits')
    if (byte >= 128) continue
    integers.push(Number(BigInt.asIntN(64, value)))
    value = 0n
    shift = 0n
  }
  if (shift !== 0n) throw new RangeError('it has a list that ends within an integer')
  return integers
}
