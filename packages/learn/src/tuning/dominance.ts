import { compareNumbers } from './compare.ts'
import type { Losses } from './hypervolume.ts'

/** Whether losses are nowhere worse than others and somewhere better. */
export const dominates = (a: Float64Array, b: Float64Array): boolean => {
  let better = false
  for (let at = 0; at < a.length; at += 1) {
    if (a[at] > b[at]) return false
    if (a[at] < b[at]) better = true
  }
  return better
}

/**
 * The rank of each point: 0 where no other dominates it, 1 where only those of rank 0 do, and so on (non-dominated sorting; Deb
 * et al. 2002).
 */
export const rankByDominance = (points: Losses): Int32Array => {
  const ranks = new Int32Array(points.length)
  // Only points that come before in this order can dominate; so each finds its place among fronts that are there.
  const order = [...points.keys()].sort((a, b) => {
    const at = points[a].findIndex((loss, index) => loss !== points[b][index])
    return at === -1 ? 0 : compareNumbers(points[a][at], points[b][at])
  })
  const fronts: Float64Array[][] = []
  for (const index of order) {
    const point = points[index]
    let rank = 0
    while (rank < fronts.length && fronts[rank].some((other) => dominates(other, point))) rank += 1
    fronts[rank] ??= []
    fronts[rank].push(point)
    ranks[index] = rank
  }
  return ranks
}
