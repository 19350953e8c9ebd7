export interface Moments {
  readonly mean: number
  /** The square root of the mean squared distance to the mean; 0 if that is not above the rounding of the sums. */
  readonly deviation: number
}

/** Mean and standard deviation, each value counted as often as its weight says. */
export const findMoments = ({
  values,
  weights,
}: {
  readonly values: Float64Array
  readonly weights?: Float64Array
}): Moments => {
  let total = 0
  let sum = 0
  for (let row = 0; row < values.length; row += 1) {
    const weight = weights === undefined ? 1 : weights[row]
    total += weight
    sum += weight * values[row]
  }
  const mean = sum / total
  let squares = 0
  let rest = 0
  for (let row = 0; row < values.length; row += 1) {
    const weight = weights === undefined ? 1 : weights[row]
    const distance = values[row] - mean
    squares += weight * distance * distance
    rest += weight * distance
  }
  // The second term takes off what the rounding of the mean added (Chan, Golub & LeVeque 1983).
  const variance = Math.max(0, (squares - (rest * rest) / total) / total)
  // scikit-learn's bound, below which a column counts as constant.
  const rounding = total * Number.EPSILON * variance + (total * mean * Number.EPSILON) ** 2
  return { mean, deviation: variance <= rounding ? 0 : Math.sqrt(variance) }
}
