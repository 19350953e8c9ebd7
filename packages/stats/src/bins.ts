import { requireInteger, sortFinite } from './checks.ts'

/**
 * Bin edges at quantiles of a reference, for `profileNumeric`.
 *
 * Returns at most maxBins + 1 ascending edges; the first is the reference's minimum, the last its maximum. Bin i
 * holds edges[i] <= x < edges[i + 1], the last one also its upper edge; values outside go to two guard bins.
 * Equal values never part: cuts lie halfway between neighbouring distinct values, and a value that is heavy by
 * itself gets a bin by itself. With at most maxBins distinct values each has its own bin; a constant reference v
 * gives [v, v]. Non-finite values are ignored.
 *
 * Throws RangeError if the reference has no finite value or maxBins is not a positive integer.
 */
export function fitBins(reference: ArrayLike<number>, maxBins: number): number[] {
  requireInteger('maxBins', maxBins, 1)
  const sorted = sortFinite('reference', reference)
  const { values, ends } = distinctRuns(sorted)
  const rows = sorted.length
  const edges = [sorted[0]]
  const ownBins = values.length <= maxBins
  let start = 0
  for (let i = 0; i < values.length - 1 && edges.length < maxBins; i++) {
    const target = start + (rows - start) / (maxBins - edges.length + 1)
    // Close the bin here unless taking the next distinct value too comes closer to the target.
    if (!ownBins && ends[i] < target && Math.abs(ends[i + 1] - target) <= target - ends[i]) continue
    edges.push(cutBetween(values[i], values[i + 1]))
    start = ends[i]
  }
  edges.push(sorted[rows - 1])
  return edges
}

/**
 * Which cell of a profile a finite value belongs to: 0 below the first edge, 1 to edges.length - 1 for the bins,
 * edges.length above the last edge.
 */
export function findCell(edges: ArrayLike<number>, value: number): number {
  const last = edges.length - 1
  if (value < edges[0]) return 0
  if (value > edges[last]) return last + 1
  let low = 0
  let high = last
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (value >= edges[middle]) low = middle
    else high = middle
  }
  return low + 1
}

function distinctRuns(sorted: Float64Array): { values: number[]; ends: number[] } {
  const values: number[] = []
  const ends: number[] = []
  for (let i = 0; i < sorted.length; i++) {
    if (i + 1 < sorted.length && sorted[i + 1] === sorted[i]) continue
    values.push(sorted[i])
    ends.push(i + 1)
  }
  return { values, ends }
}

function cutBetween(low: number, high: number): number {
  const middle = low / 2 + high / 2
  // Neighbouring floats have nothing between them: the cut must still be above `low`.
  return middle > low && middle <= high ? middle : high
}
