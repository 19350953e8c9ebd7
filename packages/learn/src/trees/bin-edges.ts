import { createRandom } from '../random.ts'

/** Rows from which the bins of a column are made (LightGBM's bin_construct_sample_cnt). */
const sampledRows = 200_000

/** The rows to make bins from: all, or a random one of each of `sampledRows` equal stretches. */
export const sampleRows = (rows: number, seed: number): Uint32Array => {
  if (rows <= sampledRows) return Uint32Array.from({ length: rows }, (_, row) => row)
  const random = createRandom(seed, -1)
  const stretch = rows / sampledRows
  return Uint32Array.from({ length: sampledRows }, (_, index) =>
    Math.floor((index + random.uint32() / 2 ** 32) * stretch),
  )
}

/** A float32 t with low <= t < high: the midpoint, unless rounding lifts it to `high`. */
const between = (low: number, high: number): number => {
  const middle = Math.fround(low + (high - low) / 2)
  return middle < high ? middle : low
}

interface Sorted {
  readonly values: Float32Array
  /** The weight of each value; undefined: 1 each. */
  readonly weights?: Float64Array
}

const maxFinite = 3.4028234663852886e38

/** Bits of a float32 as an unsigned integer of the same order. */
const orderedBits = (bits: number): number => (bits < 0 ? ~bits : bits | 0x80000000) >>> 0

/**
 * Ascending, without NaN and without rows of weight 0. A radix sort, 11 bits at a time: several times faster than
 * sorting floats by comparing them.
 */
const sortValues = (column: Float32Array, columnWeights: Float64Array | undefined): Sorted => {
  const bits = new Int32Array(column.buffer, column.byteOffset, column.length)
  let keys = new Uint32Array(column.length)
  let rows = new Uint32Array(column.length)
  let count = 0
  for (let row = 0; row < column.length; row += 1) {
    if (Number.isNaN(column[row]) || columnWeights?.[row] === 0) continue
    // -0 is 0, and must not be sorted apart from it.
    keys[count] = column[row] === 0 ? 0x80000000 : orderedBits(bits[row])
    rows[count] = row
    count += 1
  }
  let otherKeys = new Uint32Array(count)
  let otherRows = new Uint32Array(count)
  for (const shift of [0, 11, 22]) {
    const places = new Uint32Array(2049)
    for (let at = 0; at < count; at += 1) places[((keys[at] >>> shift) & 2047) + 1] += 1
    for (let digit = 1; digit <= 2048; digit += 1) places[digit] += places[digit - 1]
    for (let at = 0; at < count; at += 1) {
      const digit = (keys[at] >>> shift) & 2047
      const to = places[digit]
      places[digit] = to + 1
      otherKeys[to] = keys[at]
      otherRows[to] = rows[at]
    }
    ;[keys, otherKeys] = [otherKeys, keys]
    ;[rows, otherRows] = [otherRows, rows]
  }
  const values = new Float32Array(count)
  for (let at = 0; at < count; at += 1) values[at] = column[rows[at]]
  if (columnWeights === undefined) return { values }
  return { values, weights: Float64Array.from({ length: count }, (_, at) => columnWeights[rows[at]]) }
}

/**
 * Ascending float32 edges that cut a column into at most `maxBins` bins of about equal weight; `x <= edges[b]` is
 * true for exactly the bins 0 … b. Up to `maxBins` distinct values get a bin each, with edges in the middle between
 * them; otherwise bins are filled greedily, a frequent value having its own (Ke et al. 2017).
 */
export const findBinEdges = (
  column: Float32Array,
  maxBins: number,
  columnWeights?: Float64Array,
): Float32Array => {
  const { values, weights } = sortValues(column, columnWeights)
  let distinct = values.length === 0 ? 0 : 1
  for (let at = 1; at < values.length; at += 1) if (values[at] > values[at - 1]) distinct += 1
  const edges: number[] = []
  let inBin = 0
  let left = weights ? weights.reduce((sum, weight) => sum + weight, 0) : values.length
  for (let at = 0; at < values.length - 1 && edges.length < maxBins - 1; at += 1) {
    inBin += weights ? weights[at] : 1
    if (values[at + 1] === values[at]) continue
    if (distinct > maxBins && inBin < left / (maxBins - edges.length)) continue
    edges.push(between(values[at], values[at + 1]))
    left -= inBin
    inBin = 0
  }
  return Float32Array.from(edges)
}

/** The edge that everything but NaN is below. */
export const lastEdge = maxFinite
