/**
 * The quantile of values of which each stands for as many rows as its weight: linear interpolation at
 * `quantile` × (sum of weights - 1), so that without weights it is numpy's percentile, and a weight of 2 is the
 * value twice.
 */
export const weightedQuantile = (values: Float64Array, weights: Float64Array, quantile: number): number => {
  const order = Array.from(values.keys())
    .filter((row) => weights[row] > 0)
    .sort((a, b) => values[a] - values[b])
  const total = order.reduce((sum, row) => sum + weights[row], 0)
  const position = Math.max(0, quantile * (total - 1))
  const below = Math.floor(position)
  let cumulated = 0
  let lower: number | undefined
  for (const row of order) {
    cumulated += weights[row]
    if (lower === undefined && cumulated > below) lower = values[row]
    if (lower !== undefined && cumulated > below + 1)
      return lower + (position - below) * (values[row] - lower)
  }
  return lower ?? values[order[order.length - 1]]
}
