import { findQuantiles } from '../../quantiles.ts'
import type { WorkViews } from './views.ts'

/**
 * Sets the value of a leaf to the quantile of target - score over its rows, which is what minimises absolute error
 * (quantile 0.5) and pinball loss there (Friedman 2001, algorithm 3).
 */
export const renewLeaf = (
  { rows, leafStarts, leafValues, objective: { scores, target }, weights }: WorkViews,
  quantile: number,
  leaf: number,
): void => {
  const numbers = rows.subarray(leafStarts[leaf], leafStarts[leaf + 1])
  const residuals = Float64Array.from(numbers, (row) => target[row] - scores[row])
  const ofRows = weights.length === 0 ? undefined : Float64Array.from(numbers, (row) => weights[row])
  const [value] = findQuantiles(residuals, [quantile], ofRows)
  leafValues[leaf] = value
}
