import { sortOrder } from '../sort-order.ts'
import { UndefinedMetricError } from './undefined-metric.ts'
import { eachRow, meanOfLosses, type WeightedMetric } from './weighted-metric.ts'

/** A metric of numbers that are checked already; see the functions of the same names in `regression.ts`. */
export type RegressionLoss = (actual: ArrayLike<number>, predicted: ArrayLike<number>) => WeightedMetric

const meanOf =
  (loss: (actual: number, predicted: number) => number): RegressionLoss =>
  (actual, predicted) =>
    meanOfLosses(eachRow(actual.length, (row) => loss(actual[row], predicted[row])))

const differences = (actual: ArrayLike<number>, predicted: ArrayLike<number>): Float64Array =>
  eachRow(actual.length, (row) => actual[row] - predicted[row])

const squaredErrors: RegressionLoss = meanOf((actual, predicted) => (actual - predicted) ** 2)

const rootOfSquaredErrors: RegressionLoss = (actual, predicted) => {
  const mean = squaredErrors(actual, predicted)
  return (weights) => Math.sqrt(mean(weights))
}

const medianOfErrors: RegressionLoss = (actual, predicted) => {
  const errors = differences(actual, predicted).map(Math.abs)
  const order = sortOrder(errors)
  return (weights) => {
    let total = 0
    for (let row = 0; row < errors.length; row += 1) total += weights[row]
    let cumulated = 0
    let last = 0
    let isHalf = false
    for (const row of order) {
      if (weights[row] === 0) continue
      if (isHalf) return (last + errors[row]) / 2
      last = errors[row]
      cumulated += weights[row]
      if (cumulated > total / 2) return last
      isHalf = cumulated === total / 2
    }
    // Only rounding of the sum leads here.
    return last
  }
}

/** Weighted sum of squared deviations from the mean, or from 0. */
const sumOfSquares = (values: Float64Array, weights: ArrayLike<number>, centred: boolean): number => {
  // Around the first value that counts, so that a large mean costs no digits and equal values give exactly 0.
  let first = 0
  while (first < values.length - 1 && weights[first] === 0) first += 1
  const origin = centred ? values[first] : 0
  let total = 0
  let sum = 0
  for (let row = 0; row < values.length; row += 1) {
    total += weights[row]
    sum += weights[row] * (values[row] - origin)
  }
  const mean = centred ? sum / total : 0
  let squares = 0
  for (let row = 0; row < values.length; row += 1)
    squares += weights[row] * (values[row] - origin - mean) ** 2
  return squares
}

const shareExplained =
  (isCentred: boolean): RegressionLoss =>
  (actual, predicted) => {
    const errors = differences(actual, predicted)
    const values = Float64Array.from(actual)
    return (weights) => {
      let counted = 0
      for (let row = 0; row < values.length; row += 1) if (weights[row] > 0) counted += 1
      if (counted < 2) throw new UndefinedMetricError('a share of variance needs at least two rows')
      const unexplained = sumOfSquares(errors, weights, isCentred)
      const total = sumOfSquares(values, weights, true)
      // scikit-learn's rule for a constant target: 1 if nothing is unexplained, else 0.
      return total === 0 ? (unexplained === 0 ? 1 : 0) : 1 - unexplained / total
    }
  }

/** Pinball loss of a quantile `alpha`, 0 … 1. */
export const pinball = (alpha: number): RegressionLoss =>
  meanOf((actual, predicted) => Math.max(alpha * (actual - predicted), (alpha - 1) * (actual - predicted)))

/** Every regression metric without options, by name. */
export const regressionLosses = {
  rootMeanSquaredError: rootOfSquaredErrors,
  meanSquaredError: squaredErrors,
  meanAbsoluteError: meanOf((actual, predicted) => Math.abs(actual - predicted)),
  medianAbsoluteError: medianOfErrors,
  meanAbsolutePercentageError: meanOf(
    (actual, predicted) => Math.abs(actual - predicted) / Math.max(Math.abs(actual), Number.EPSILON),
  ),
  meanPoissonDeviance: meanOf(
    (actual, predicted) =>
      2 * ((actual === 0 ? 0 : actual * Math.log(actual / predicted)) - actual + predicted),
  ),
  r2: shareExplained(false),
  explainedVariance: shareExplained(true),
} satisfies Record<string, RegressionLoss>
