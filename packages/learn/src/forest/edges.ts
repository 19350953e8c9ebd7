import { createRandom } from '../random.ts'

const sampleSize = 200_000

/** One row of each of `sampleSize` equal stretches, so that a sorted or periodic column is sampled fairly. */
const sample = (values: Float32Array, seed: number): Float32Array => {
  if (values.length <= sampleSize) return values.slice()
  const random = createRandom(seed, -1)
  const stretch = values.length / sampleSize
  return Float32Array.from({ length: sampleSize }, (_, index) => {
    const within = (random.uint32() / 4294967296) * stretch
    return values[Math.floor(index * stretch + within)]
  })
}

/** A float32 t with low <= t < high: the midpoint, unless rounding lifts it to `high`. */
const between = (low: number, high: number): number => {
  const middle = Math.fround(low + (high - low) / 2)
  return middle < high ? middle : low
}

/**
 * Ascending float32 edges that cut a feature into at most `maxBins` bins of about equal weight; value x lies
 * in the bin numbered by how many edges are below x, so `x <= edges[b]` is exactly `bin(x) <= b`.
 * Up to `maxBins` distinct values get a bin each; otherwise bins are filled greedily, a frequent value having
 * its own (as in LightGBM). A column of more than 200 000 rows is sampled.
 */
export const findEdges = (
  values: Float32Array,
  { maxBins, seed }: { readonly maxBins: number; readonly seed: number },
): Float32Array => {
  const sorted = sample(values, seed).sort()
  let distinct = sorted.length === 0 ? 0 : 1
  for (let index = 1; index < sorted.length; index += 1) if (sorted[index] > sorted[index - 1]) distinct += 1
  const edges: number[] = []
  let inBin = 0
  let left = sorted.length
  for (let index = 0; index < sorted.length - 1; index += 1) {
    inBin += 1
    if (sorted[index + 1] === sorted[index]) continue
    const full = distinct <= maxBins || inBin >= left / (maxBins - edges.length)
    if (!full) continue
    edges.push(between(sorted[index], sorted[index + 1]))
    left -= inBin
    inBin = 0
    if (edges.length === maxBins - 1) break
  }
  return Float32Array.from(edges)
}
