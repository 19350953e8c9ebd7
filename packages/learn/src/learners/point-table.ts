import type { Frame } from '../frame.ts'
import type { FitData } from '../learner.ts'
import { readFeatures, toRows } from './features.ts'
import { resolveWeights } from './target.ts'

/** Rows as points, in an order that depends on nothing but what they hold. */
export interface PointTable {
  readonly rows: number
  readonly width: number
  /** [rows, width]. */
  readonly values: Float32Array
  readonly weights: Float64Array
  /** Where each point was in the frame. */
  readonly sources: Uint32Array
  /** How many of them differ from one another. */
  readonly distinct: number
}

const comparePoints = (values: Float32Array, order: Uint32Array, a: number, b: number): number => {
  const width = order.length
  for (const column of order) {
    const difference = values[a * width + column] - values[b * width + column]
    if (difference !== 0) return difference
  }
  return 0
}

/** Columns in the order of their names. */
const orderByName = ({ columns }: Frame): Uint32Array => {
  const names = Object.keys(columns)
  return Uint32Array.from(names.keys()).sort((a, b) => (names[a] < names[b] ? -1 : 1))
}

/**
 * The rows that have a weight, sorted by their values, then by `rank` (of their targets), so that a draw or a tie
 * falls on the same point whatever the order of rows and columns. Throws as `readFeatures`.
 */
export const readPoints = (learner: string, data: FitData, rank: ArrayLike<number> = []): PointTable => {
  const features = readFeatures(learner, data.frame)
  const width = features.length
  const order = orderByName(data.frame)
  const unsorted = toRows(features, data.frame.rows)
  const all = resolveWeights(data)
  const sources = Uint32Array.from(all.keys())
    .filter((row) => all[row] > 0)
    .sort((a, b) => comparePoints(unsorted, order, a, b) || (rank[a] ?? 0) - (rank[b] ?? 0))
  const values = new Float32Array(sources.length * width)
  let distinct = 0
  sources.forEach((row, place) => {
    values.set(unsorted.subarray(row * width, (row + 1) * width), place * width)
    if (place === 0 || comparePoints(values, order, place - 1, place) !== 0) distinct += 1
  })
  return {
    rows: sources.length,
    width,
    values,
    weights: Float64Array.from(sources, (row) => all[row]),
    sources,
    distinct,
  }
}
