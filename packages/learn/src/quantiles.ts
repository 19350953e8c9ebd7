import { sortOrder } from './sort-order.ts'

/**
 * Quantiles of the values, each standing for as many rows as its weight: linear interpolation at share × (sum of
 * weights − 1), which is numpy's default without weights. `shares` ascend, 0 … 1. NaN has no part in it; NaN comes
 * back only if there is nothing else.
 */
export const findQuantiles = (
  values: ArrayLike<number>,
  shares: ArrayLike<number>,
  weights?: ArrayLike<number>,
): Float64Array => {
  if (weights === undefined) {
    const sorted = new Float64Array(values).filter((value) => !Number.isNaN(value)).sort()
    return Float64Array.from(shares, (share) => interpolate(sorted, share * (sorted.length - 1)))
  }
  const rows = sortOrder(values).filter((row) => !Number.isNaN(values[row]) && weights[row] > 0)
  const upTo = new Float64Array(rows.length)
  let total = 0
  for (let index = 0; index < rows.length; index += 1) {
    total += weights[rows[index]]
    upTo[index] = total
  }
  // The value of the row at a position, had each row been repeated as often as its weight says.
  const valueAt = (position: number): number => {
    let low = 0
    let high = rows.length - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if (upTo[middle] > position) high = middle
      else low = middle + 1
    }
    return rows.length === 0 ? Number.NaN : values[rows[low]]
  }
  return Float64Array.from(shares, (share) => {
    const position = Math.max(0, share * (total - 1))
    const below = Math.floor(position)
    const low = valueAt(below)
    return position === below ? low : low + (valueAt(below + 1) - low) * (position - below)
  })
}

const interpolate = (sorted: Float64Array, position: number): number => {
  if (sorted.length === 0) return Number.NaN
  const low = Math.floor(position)
  const high = Math.min(low + 1, sorted.length - 1)
  return position === low ? sorted[low] : sorted[low] + (sorted[high] - sorted[low]) * (position - low)
}
