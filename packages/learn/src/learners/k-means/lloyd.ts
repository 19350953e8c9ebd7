import type { PointTable } from '../point-table.ts'
import { assignRows, findReaches } from './distances.ts'

export interface Clusters {
  /** [clusters, columns]. */
  readonly centres: Float64Array
  /** Σ weight × squared distance to the nearest centre. */
  readonly inertia: number
  readonly iterations: number
  readonly converged: boolean
}

/** The rows farthest from their centres, no two of them at the same place. */
const findFarthest = ({ values, width }: PointTable, squares: Float64Array, count: number): number[] => {
  const order = Array.from(squares.keys()).sort((a, b) => squares[b] - squares[a] || a - b)
  const places = new Map<string, number>()
  for (const row of order) {
    if (places.size === count) break
    const place = values.subarray(row * width, (row + 1) * width).join()
    if (!places.has(place)) places.set(place, row)
  }
  return [...places.values()]
}

/** The mean of each cluster's rows. A cluster without rows goes to the row that is farthest from its centre. */
const computeMeans = (points: PointTable, clusters: Int32Array, squares: Float64Array, count: number) => {
  const { rows, width, values, weights } = points
  const means = new Float64Array(count * width)
  const totals = new Float64Array(count)
  for (let row = 0; row < rows; row += 1) {
    const to = clusters[row] * width
    totals[clusters[row]] += weights[row]
    for (let column = 0; column < width; column += 1)
      means[to + column] += weights[row] * values[row * width + column]
  }
  const empty = Array.from(totals.keys()).filter((cluster) => totals[cluster] === 0)
  const farthest = empty.length > 0 ? findFarthest(points, squares, empty.length) : []
  empty.forEach((cluster, index) => {
    const row = farthest[index]
    means.set(values.subarray(row * width, (row + 1) * width), cluster * width)
    totals[cluster] = 1
  })
  for (let at = 0; at < means.length; at += 1) means[at] /= totals[Math.floor(at / width)]
  return means
}

/**
 * Lloyd's algorithm from these centres: until no row changes its cluster, or the squares of the moves of the
 * centres add up to no more than `tol`.
 */
export const runLloyd = (
  points: PointTable,
  start: Float64Array,
  { maxIter, tol, onIteration }: { maxIter: number; tol: number; onIteration: () => void },
): Clusters => {
  const { rows, width, values, weights } = points
  const count = start.length / width
  let centres = start
  let iterations = 0
  let converged = false
  const clusters = new Int32Array(rows)
  const squares = new Float64Array(rows)
  while (iterations < maxIter && !converged) {
    onIteration()
    const before = clusters.slice()
    assignRows(values, width, { centres, reaches: findReaches(centres, width) }, clusters, squares)
    const means = computeMeans(points, clusters, squares, count)
    const moved = means.reduce((total, value, at) => total + (value - centres[at]) ** 2, 0)
    const settled = iterations > 0 && clusters.every((cluster, row) => cluster === before[row])
    converged = settled || moved <= tol
    centres = means
    iterations += 1
  }
  assignRows(values, width, { centres, reaches: findReaches(centres, width) }, clusters, squares)
  const inertia = squares.reduce((total, square, row) => total + square * weights[row], 0)
  return { centres, inertia, iterations, converged }
}
