export interface WeightOptions {
  /** Finite, >= 0, one for each row; a weight of 2 is the row twice. Default: 1 each. */
  readonly weights?: ArrayLike<number>
}

/**
 * The weight of each row, 1 where none were given. Throws a RangeError for another number of weights than rows, one
 * that is negative or not finite, and weights that are all 0.
 */
export const resolveMetricWeights = (
  weights: ArrayLike<number> | undefined,
  rows: number,
): ArrayLike<number> => {
  if (weights === undefined) return new Uint8Array(rows).fill(1)
  if (weights.length !== rows)
    throw new RangeError(`there are ${weights.length} weights for ${rows} rows; they must be equal`)
  let some = false
  for (let row = 0; row < rows; row += 1) {
    const weight = weights[row]
    if (!(weight >= 0 && weight < Infinity))
      throw new RangeError(`weights must be finite and >= 0; row ${row} has ${weight}`)
    some ||= weight > 0
  }
  if (!some && rows > 0)
    throw new RangeError('all weights are 0; a metric needs at least one row that counts')
  return weights
}
