import { createRandom } from '../random.ts'

/** Rows from which the bins of a column are made (LightGBM's bin_construct_sample_cnt). */
export const sampledRows = 200_000

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

/** Ascending, without NaN and without rows of weight 0. */
const sortValues = (values: Float32Array, weights: Float64Array | undefined): Sorted => {
  if (weights === undefined) {
    const sorted = values.slice().sort()
    const missing = sorted.findIndex(Number.isNaN)
    return { values: missing === -1 ? sorted : sorted.subarray(0, missing) }
  }
  // Rows sorted by the bits of their value, in one number: sorting with a comparison function is far slower.
  const bits = new Int32Array(values.slice().buffer)
  const keys = new Float64Array(values.length)
  let count = 0
  for (let row = 0; row < values.length; row += 1) {
    if (Number.isNaN(values[row]) || weights[row] === 0) continue
    // + 0 makes 0 of -0, whose bits would sort it apart.
    const ordered = bits[row] < 0 ? (values[row] === 0 ? 0 : -(bits[row] & 0x7fffffff)) : bits[row]
    keys[count] = ordered * 2 ** 20 + row
    count += 1
  }
  const sorted = keys.subarray(0, count).sort()
  const rows = Uint32Array.from(sorted, (key) => key - Math.floor(key / 2 ** 20) * 2 ** 20)
  return {
    values: Float32Array.from(rows, (row) => values[row]),
    weights: Float64Array.from(rows, (row) => weights[row]),
  }
}

/**
 * Ascending float32 edges that cut a column into at most `maxBins` bins of about equal weight; `x <= edges[b]` is
 * true for exactly the bins 0 … b. Up to `maxBins` distinct values get a bin each, with edges in the middle between
 * them; otherwise bins are filled greedily, a frequent value having its own (Ke et al. 2017). At most 2^20 values.
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
