import type { Random } from '../../random.ts'

/**
 * The bin behind which extra trees cut (Geurts, Ernst & Wehenkel 2006): a threshold drawn uniformly between the
 * smallest and the greatest value of the node, which lie in bins `low` and `high`, moved to the nearest edge of a
 * bin. 0 if all values are in one bin.
 */
export const drawCut = (edges: Float32Array, low: number, high: number, random: Random): number => {
  if (low >= high) return 0
  // Edge b - 1 is the upper end of bin b. The range goes half a gap beyond the outer edges, for all to be as likely.
  const first = edges[low - 1]
  const last = edges[high - 2]
  const before = high - low > 1 ? (edges[low] - first) / 2 : 0
  const after = high - low > 1 ? (last - edges[high - 3]) / 2 : 0
  const threshold = first - before + (random.uint32() / 2 ** 32) * (last + after - first + before)
  let bin = low
  while (bin < high - 1 && Math.abs(edges[bin] - threshold) < Math.abs(edges[bin - 1] - threshold)) bin += 1
  return bin
}
