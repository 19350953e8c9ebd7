import type { OnlineCell, OnlineRow } from './online-store.ts'

/**
 * The bytes of a row of feature values, shared by the drivers: a version, a tag per value, then what the tags call for.
 * Numbers are IEEE doubles, so a value comes back to the last bit, and reading one costs no parsing. A row that has a
 * time of creation has another version, and that time (a double) after the number of values.
 */
export const version = 1
export const createdVersion = 2
export const headBytes = 5
export const createdBytes = 8

export const tagNull = 0
export const tagFalse = 1
export const tagTrue = 2
export const tagNumber = 3
export const tagText = 4

/**
 * Version, number of values, tags, then per number 8 bytes and per text its length in 4 bytes and its UTF-8.
 * @param created milliseconds, null if it is missing; undefined if rows of this table have none
 */
export function packRow(values: readonly OnlineCell[], created?: number | null): Buffer {
  const head = created === undefined ? headBytes : headBytes + createdBytes
  let size = head + values.length
  for (const value of values) {
    if (typeof value === 'number') size += 8
    else if (typeof value === 'string') size += 4 + Buffer.byteLength(value)
  }
  const bytes = Buffer.allocUnsafe(size)
  bytes[0] = created === undefined ? version : createdVersion
  bytes.writeUInt32LE(values.length, 1)
  // A missing one is the earliest.
  if (created !== undefined) bytes.writeDoubleLE(created ?? Number.NEGATIVE_INFINITY, headBytes)
  let at = head + values.length
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    bytes[head + i] = tagOf(value)
    if (typeof value === 'number') at = bytes.writeDoubleLE(value, at)
    else if (typeof value === 'string') {
      const length = bytes.write(value, at + 4)
      bytes.writeUInt32LE(length, at)
      at += 4 + length
    }
  }
  return bytes
}

/** The bytes of a row, which it may bring with it. */
export function contentOf(row: OnlineRow): Uint8Array {
  return 'content' in row ? row.content : packRow(row.values, row.created)
}

/** @throws TypeError if the bytes are of another version of this format */
export function unpackRow(bytes: Uint8Array): OnlineCell[] {
  const head = headLength(bytes)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const count = view.getUint32(1, true)
  const values = new Array<OnlineCell>(count)
  let at = head + count
  for (let i = 0; i < count; i++) {
    switch (bytes[head + i]) {
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
        values[i] = bytes[head + i] === tagTrue
    }
  }
  return values
}

/**
 * Whether of two packed rows of one event time the first one counts: it was created later, or at the same time and its
 * first value that differs is the greater one. Missing values are the greatest and texts are compared by their UTF-8,
 * as the lake does it.
 */
export function isGreaterRow(row: Uint8Array, other: Uint8Array): boolean {
  const created = createdOf(row) - createdOf(other)
  if (created !== 0 && !Number.isNaN(created)) return created > 0
  const [values, others] = [unpackRow(row), unpackRow(other)]
  const place = values.findIndex((value, i) => compareCells(value, others[i]) !== 0)
  return place >= 0 && compareCells(values[place], others[place]) > 0
}

/** Whether of two packed rows of one event time the first one was created earlier; no if either has no time of creation. */
export function isEarlierRow(row: Uint8Array, other: Uint8Array): boolean {
  if (row[0] !== createdVersion || other[0] !== createdVersion) return false
  return createdOf(row) < createdOf(other)
}

function createdOf(bytes: Uint8Array): number {
  if (bytes[0] !== createdVersion) return Number.NEGATIVE_INFINITY
  return new DataView(bytes.buffer, bytes.byteOffset).getFloat64(headBytes, true)
}

function compareCells(a: OnlineCell, b: OnlineCell | undefined): number {
  if (a === b) return 0
  if (a === null || b === null || b === undefined) return a === null ? 1 : -1
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b))
  return a > b ? 1 : a < b ? -1 : 0
}

function headLength(bytes: Uint8Array): number {
  if (bytes[0] === version) return headBytes
  if (bytes[0] === createdVersion) return headBytes + createdBytes
  throw new TypeError(`A row of online features has the unknown format ${bytes[0]}`)
}

function tagOf(value: OnlineCell): number {
  if (value === null) return tagNull
  if (typeof value === 'number') return tagNumber
  if (typeof value === 'string') return tagText
  return value ? tagTrue : tagFalse
}
