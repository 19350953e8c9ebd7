import type { OnlineCell } from './online-store.ts'

/**
 * The bytes of a row of feature values, shared by the drivers: a version, a tag per value, then what the tags call for.
 * Numbers are IEEE doubles, so a value comes back to the last bit, and reading one costs no parsing.
 */
const version = 1
const headBytes = 5

const tagNull = 0
const tagFalse = 1
const tagTrue = 2
const tagNumber = 3
const tagText = 4

/** Version, number of values, tags, then per number 8 bytes and per text its length in 4 bytes and its UTF-8. */
export function packRow(values: readonly OnlineCell[]): Buffer {
  let size = headBytes + values.length
  for (const value of values) {
    if (typeof value === 'number') size += 8
    else if (typeof value === 'string') size += 4 + Buffer.byteLength(value)
  }
  const bytes = Buffer.allocUnsafe(size)
  bytes[0] = version
  bytes.writeUInt32LE(values.length, 1)
  let at = headBytes + values.length
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    bytes[headBytes + i] = tagOf(value)
    if (typeof value === 'number') at = bytes.writeDoubleLE(value, at)
    else if (typeof value === 'string') {
      const length = bytes.write(value, at + 4)
      bytes.writeUInt32LE(length, at)
      at += 4 + length
    }
  }
  return bytes
}

/** @throws TypeError if the bytes are of another version of this format */
export function unpackRow(bytes: Uint8Array): OnlineCell[] {
  if (bytes[0] !== version) throw new TypeError(`A row of online features has the unknown format ${bytes[0]}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const count = view.getUint32(1, true)
  const values = new Array<OnlineCell>(count)
  let at = headBytes + count
  for (let i = 0; i < count; i++) {
    switch (bytes[headBytes + i]) {
      case tagNumber:
        values[i] = view.getFloat64(at, true)
        at += 8
        break
      case tagText: {
        const length = view.getUint32(at, true)
        at += 4
        values[i] = Buffer.from(bytes.buffer, bytes.byteOffset + at, length).toString('utf8')
        at += length
        break
      }
      case tagNull:
        values[i] = null
        break
      default:
        values[i] = bytes[headBytes + i] === tagTrue
    }
  }
  return values
}

function tagOf(value: OnlineCell): number {
  if (value === null) return tagNull
  if (typeof value === 'number') return tagNumber
  if (typeof value === 'string') return tagText
  return value ? tagTrue : tagFalse
}
