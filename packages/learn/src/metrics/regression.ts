import { resolveMetricWeights, type WeightOptions } from './metric-weights.ts'
import { pinball, type RegressionLoss, regressionLosses } from './regression-losses.ts'

/** Checks both and returns the weights; throws a RangeError that names the first bad row. */
const checkNumbers = (
  actual: ArrayLike<number>,
  predicted: ArrayLike<number>,
  given: ArrayLike<number> | undefined,
): ArrayLike<number> => {
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
  return resolveMetricWeights(given, rows)
}

type RegressionMetric = (
  actual: ArrayLike<number>,
  predicted: ArrayLike<number>,
  options?: WeightOptions,
) => number

const checked =
  (loss: RegressionLoss): RegressionMetric =>
  (actual, predicted, { weights: given } = {}) => {
    const weights = checkNumbers(actual, predicted, given)
    return loss(actual, predicted)(weights)
  }

/** Mean of (actual − predicted)², in the squared units of the target. Throws a RangeError for numbers that are not finite, and no rows. */
export const meanSquaredError: RegressionMetric = checked(regressionLosses.meanSquaredError)

/** Square root of {@link meanSquaredError}, in the units of the target. Throws as it does. */
export const rootMeanSquaredError: RegressionMetric = checked(regressionLosses.rootMeanSquaredError)

/** Mean of |actual − predicted|, in the units of the target. Throws as {@link meanSquaredError}. */
export const meanAbsoluteError: RegressionMetric = checked(regressionLosses.meanAbsoluteError)

/**
 * Mean of |actual − predicted| / |actual|, a share, not percent. An actual 0 is taken for 2^-52, as in scikit-learn:
 * the result is then huge rather than infinite. Throws as {@link meanSquaredError}.
 */
export const meanAbsolutePercentageError: RegressionMetric = checked(
  regressionLosses.meanAbsolutePercentageError,
)

/** Median of |actual − predicted|; the mean of the middle two. Throws as {@link meanSquaredError}. */
export const medianAbsoluteError: RegressionMetric = checked(regressionLosses.medianAbsoluteError)

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
  return checked(pinball(alpha))(actual, predicted, options)
}

/**
 * Coefficient of determination: 1 − Σ(actual − predicted)² / Σ(actual − mean)². A constant target gives 1 if all
 * predictions are right, else 0. Throws as {@link meanSquaredError}, and an UndefinedMetricError for one row.
 */
export const r2: RegressionMetric = checked(regressionLosses.r2)

/** As {@link r2}, without the mean error: a constant bias costs nothing. Throws as it does. */
export const explainedVariance: RegressionMetric = checked(regressionLosses.explainedVariance)

/**
 * Mean Poisson deviance: 2 (actual ln(actual / predicted) − actual + predicted). Throws as
 * {@link meanSquaredError}, and for an actual below 0 or a prediction that is not above 0.
 */
export const meanPoissonDeviance: RegressionMetric = (actual, predicted, { weights: given } = {}) => {
  const weights = checkNumbers(actual, predicted, given)
  for (let row = 0; row < actual.length; row += 1)
    if (actual[row] < 0 || predicted[row] <= 0)
      throw new RangeError(
        `Poisson deviance needs a target >= 0 and predictions > 0; row ${row} has ${actual[row]} and ${predicted[row]}`,
      )
  return regressionLosses.meanPoissonDeviance(actual, predicted)(weights)
}
