import { sortOrder } from '../sort-order.ts'
import { resolveMetricWeights, type WeightOptions } from './metric-weights.ts'
import { UndefinedMetricError } from './undefined-metric.ts'

/** Checks both and returns the weights with their sum; throws a RangeError that names the first bad row. */
const checkNumbers = (
  actual: ArrayLike<number>,
  predicted: ArrayLike<number>,
  { weights: given }: WeightOptions,
): { readonly rows: number; readonly weights: ArrayLike<number>; readonly total: number } => {
  const rows = actual.length
  if (rows === 0) throw new RangeError('a metric needs at least one row')
  if (predicted.length !== rows)
    throw new RangeError(`there are ${predicted.length} predictions for ${rows} rows; they must be equal`)
  for (let row = 0; row < rows; row += 1) {
    if (!Number.isFinite(actual[row]))
      throw new RangeError(`the target must be finite numbers; row ${row} holds ${actual[row]}`)
    if (!Number.isFinite(predicted[row]))
      throw new RangeError(`predictions must be finite numbers; row ${row} has ${predicted[row]}`)
  }
  const weights = resolveMetricWeights(given, rows)
  let total = 0
  for (let row = 0; row < rows; row += 1) total += weights[row]
  return { rows, weights, total }
}

type RegressionMetric = (
  actual: ArrayLike<number>,
  predicted: ArrayLike<number>,
  options?: WeightOptions,
) => number

/** The weighted mean of a loss over the rows. */
const meanOf =
  (loss: (actual: number, predicted: number) => number): RegressionMetric =>
  (actual, predicted, options = {}) => {
    const { rows, weights, total } = checkNumbers(actual, predicted, options)
    let sum = 0
    for (let row = 0; row < rows; row += 1) sum += weights[row] * loss(actual[row], predicted[row])
    return sum / total
  }

/** Mean of (actual − predicted)². Throws a RangeError for numbers that are not finite, and no rows. */
export const meanSquaredError: RegressionMetric = meanOf((actual, predicted) => (actual - predicted) ** 2)

/** Square root of {@link meanSquaredError}, in the units of the target. */
export const rootMeanSquaredError: RegressionMetric = (actual, predicted, options) =>
  Math.sqrt(meanSquaredError(actual, predicted, options))

/** Mean of |actual − predicted|, in the units of the target. Throws as {@link meanSquaredError}. */
export const meanAbsoluteError: RegressionMetric = meanOf((actual, predicted) => Math.abs(actual - predicted))

/**
 * Mean of |actual − predicted| / |actual|, a share, not percent. An actual 0 is taken for 2^-52, as in scikit-learn:
 * the result is then huge rather than infinite. Throws as {@link meanSquaredError}.
 */
export const meanAbsolutePercentageError: RegressionMetric = meanOf(
  (actual, predicted) => Math.abs(actual - predicted) / Math.max(Math.abs(actual), Number.EPSILON),
)

/** Median of |actual − predicted|; the mean of the middle two. Throws as {@link meanSquaredError}. */
export const medianAbsoluteError: RegressionMetric = (actual, predicted, options = {}) => {
  const { weights, total } = checkNumbers(actual, predicted, options)
  const errors = new Float64Array(actual).map((value, row) => Math.abs(value - predicted[row]))
  const order = sortOrder(errors).filter((row) => weights[row] > 0)
  let cumulated = 0
  for (const [index, row] of order.entries()) {
    cumulated += weights[row]
    if (cumulated > total / 2) return errors[row]
    if (cumulated === total / 2) return (errors[row] + errors[order[index + 1]]) / 2
  }
  // Only rounding of the sum leads here.
  return errors[order[order.length - 1]]
}

export interface PinballOptions extends WeightOptions {
  /** The quantile that is predicted, 0 … 1. Default 0.5. */
  readonly alpha?: number
}

/**
 * Mean of α (actual − predicted) where that is positive, (α − 1) (actual − predicted) elsewhere (Koenker & Bassett
 * 1978). Throws as {@link meanSquaredError}, and for an alpha outside 0 … 1.
 */
export const pinballLoss = (
  actual: ArrayLike<number>,
  predicted: ArrayLike<number>,
  { alpha = 0.5, ...options }: PinballOptions = {},
): number => {
  if (!(alpha >= 0 && alpha <= 1)) throw new RangeError(`alpha must be 0 … 1, not ${alpha}`)
  return meanOf((value, given) => Math.max(alpha * (value - given), (alpha - 1) * (value - given)))(
    actual,
    predicted,
    options,
  )
}

/** 1 − unexplained / total, with scikit-learn's rule for a constant target: 1 if nothing is unexplained, else 0. */
const shareExplained = (unexplained: number, total: number): number =>
  total === 0 ? (unexplained === 0 ? 1 : 0) : 1 - unexplained / total

/** Weighted sum of squared deviations from the mean, or from 0. */
const sumOfSquares = (values: Float64Array, weights: ArrayLike<number>, centred: boolean): number => {
  // Around the first value, so that a large mean costs no digits and equal values give exactly 0.
  const origin = centred ? values[0] : 0
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

const explained = (
  actual: ArrayLike<number>,
  predicted: ArrayLike<number>,
  options: WeightOptions & { readonly centred: boolean },
): number => {
  const { rows, weights } = checkNumbers(actual, predicted, options)
  let counted = 0
  for (let row = 0; row < rows; row += 1) if (weights[row] > 0) counted += 1
  if (counted < 2) throw new UndefinedMetricError('a share of variance needs at least two rows')
  const errors = new Float64Array(actual).map((value, row) => value - predicted[row])
  return shareExplained(
    sumOfSquares(errors, weights, options.centred),
    sumOfSquares(new Float64Array(actual), weights, true),
  )
}

/**
 * Coefficient of determination: 1 − Σ(actual − predicted)² / Σ(actual − mean)². A constant target gives 1 if all
 * predictions are right, else 0. Throws as {@link meanSquaredError}, and an UndefinedMetricError for one row.
 */
export const r2: RegressionMetric = (actual, predicted, { weights } = {}) =>
  explained(actual, predicted, { weights, centred: false })

/** As {@link r2}, without the mean error: a constant bias costs nothing. */
export const explainedVariance: RegressionMetric = (actual, predicted, { weights } = {}) =>
  explained(actual, predicted, { weights, centred: true })

/**
 * Mean Poisson deviance: 2 (actual ln(actual / predicted) − actual + predicted). Throws as
 * {@link meanSquaredError}, and for an actual below 0 or a prediction that is not above 0.
 */
export const meanPoissonDeviance: RegressionMetric = (actual, predicted, options = {}) => {
  const { rows } = checkNumbers(actual, predicted, options)
  for (let row = 0; row < rows; row += 1)
    if (actual[row] < 0 || predicted[row] <= 0)
      throw new RangeError(
        `Poisson deviance needs a target >= 0 and predictions > 0; row ${row} has ${actual[row]} and ${predicted[row]}`,
      )
  return meanOf((value, given) => 2 * ((value === 0 ? 0 : value * Math.log(value / given)) - value + given))(
    actual,
    predicted,
    options,
  )
}
