/** Values in their order, with the weight of each; undefined: 1 each. Both lie in memory that the next sort reuses. */
export interface SortedValues {
  readonly values: Float32Array
  readonly weights?: Float64Array
}

export type SortValues = (column: Float32Array, weights?: Float64Array) => SortedValues

/** Bits of a float32 as an unsigned integer of the same order; -0 as 0. */
const toKey = (bits: number): number =>
  (bits >= 0 ? bits | 0x80000000 : bits === -0x80000000 ? bits : ~bits) >>> 0

const toBits = (key: number): number => (key >= 0x80000000 ? key ^ 0x80000000 : ~key)

const digitBits = 11
const digits = 1 << digitBits
const lastDigit = digits - 1

/**
 * Makes a function that sorts up to `capacity` values ascending, without NaN and without those of weight 0. A radix
 * sort, 11 bits at a time: several times faster than sorting floats by comparing them.
 */
export const createValueSorter = (capacity: number): SortValues => {
  let keys = new Uint32Array(capacity)
  let otherKeys = new Uint32Array(capacity)
  const places = [0, 1, 2].map(() => new Uint32Array(digits))
  let rows = new Uint32Array(0)
  let otherRows = new Uint32Array(0)

  const countDigits = (count: number): void => {
    const [low, middle, high] = places
    for (const counts of places) counts.fill(0)
    for (let at = 0; at < count; at += 1) {
      const key = keys[at]
      low[key & lastDigit] += 1
      middle[(key >>> digitBits) & lastDigit] += 1
      high[key >>> (2 * digitBits)] += 1
    }
    for (const counts of places) {
      let begin = 0
      for (let digit = 0; digit < digits; digit += 1) {
        const here = counts[digit]
        counts[digit] = begin
        begin += here
      }
    }
  }

  const pass = (begins: Uint32Array, shift: number, count: number, withRows: boolean): void => {
    for (let at = 0; at < count; at += 1) {
      const key = keys[at]
      const digit = (key >>> shift) & lastDigit
      const to = begins[digit]
      begins[digit] = to + 1
      otherKeys[to] = key
      if (withRows) otherRows[to] = rows[at]
    }
    ;[keys, otherKeys] = [otherKeys, keys]
    if (withRows) [rows, otherRows] = [otherRows, rows]
  }

  return (column, weights) => {
    const weighted = weights !== undefined
    if (weighted && rows.length === 0) {
      rows = new Uint32Array(capacity)
      otherRows = new Uint32Array(capacity)
    }
    const bits = new Int32Array(column.buffer, column.byteOffset, column.length)
    let count = 0
    for (let row = 0; row < column.length; row += 1) {
      if (Number.isNaN(column[row]) || weights?.[row] === 0) continue
      keys[count] = toKey(bits[row])
      if (weighted) rows[count] = row
      count += 1
    }
    countDigits(count)
    for (let digit = 0; digit < 3; digit += 1) pass(places[digit], digit * digitBits, count, weighted)
    const sorted = new Int32Array(keys.buffer, 0, count)
    for (let at = 0; at < count; at += 1) sorted[at] = toBits(keys[at])
    const values = new Float32Array(keys.buffer, 0, count)
    if (!weighted) return { values }
    return { values, weights: Float64Array.from({ length: count }, (_, at) => weights[rows[at]]) }
  }
}
