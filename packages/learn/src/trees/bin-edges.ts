import { createRandom } from '../random.ts'
import type { SortedValues } from './sort-values.ts'

/** Rows from which the bins of a column are made (LightGBM's bin_construct_sample_cnt). */
const sampledRows = 200_000

/** The rows to make bins from: undefined for all, or a random one of each of `sampledRows` equal stretches. */
export const sampleRows = (rows: number, seed: number): Uint32Array | undefined => {
  if (rows <= sampledRows) return undefined
  const random = createRandom(seed, -1)
  const stretch = rows / sampledRows
  const sample = new Uint32Array(new SharedArrayBuffer(sampledRows * 4))
  for (let index = 0; index < sampledRows; index += 1)
    sample[index] = Math.floor((index + random.uint32() / 2 ** 32) * stretch)
  return sample
}

/** A float32 t with low <= t < high: the midpoint, unless rounding lifts it to `high`. */
const between = (low: number, high: number): number => {
  const middle = Math.fround(low + (high - low) / 2)
  return middle < high ? middle : low
}

const maxFinite = 3.4028234663852886e38

/**
 * Ascending float32 edges that cut a column into at most `maxBins` bins of about equal weight; `x <= edges[b]` is
 * true for exactly the bins 0 … b. Up to `maxBins` distinct values get a bin each, with edges in the middle between
 * them; otherwise bins are filled greedily, a frequent value having its own (Ke et al. 2017).
 */
export const findBinEdges = ({ values, weights }: SortedValues, maxBins: number): Float32Array => {
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
