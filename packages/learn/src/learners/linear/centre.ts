const isConstant = (values: ArrayLike<number>): boolean => {
  for (let row = 1; row < values.length; row += 1) if (values[row] !== values[0]) return false
  return true
}

const sumDeviations = (values: ArrayLike<number>, weights: Float64Array, centre: number): number => {
  let sum = 0
  for (let row = 0; row < values.length; row += 1) sum += weights[row] * (values[row] - centre)
  return sum
}

/**
 * The weighted mean. A constant column's is its value, to the last bit: what is left of it after centring must
 * be 0 and not rounding errors, to which a coefficient could be fitted.
 */
export const weightedMean = (values: ArrayLike<number>, weights: Float64Array): number => {
  if (isConstant(values)) return values[0]
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const mean = sumDeviations(values, weights, 0) / total
  return mean + sumDeviations(values, weights, mean) / total
}
