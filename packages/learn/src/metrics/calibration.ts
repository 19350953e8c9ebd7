import { checkInteger } from '../check-integer.ts'
import { findQuantiles } from '../quantiles.ts'
import type { WeightOptions } from './metric-weights.ts'
import { checkScored } from './scored.ts'

export type CalibrationOptions = WeightOptions & {
  /** Number of bins. Default 10. */
  readonly bins?: number
  /** Bins of equal width over [0, 1] (default), or between the quantiles of the probabilities. */
  readonly strategy?: 'uniform' | 'quantile'
}

/** One bin that holds rows; empty bins are left out. */
export type CalibrationBin = {
  /** Rows in the bin, or the sum of their weights. */
  readonly count: number
  readonly meanPredicted: number
  /** Share of class 1 among the rows. */
  readonly observedRate: number
}

/** Inner bin borders, ascending; quantiles are interpolated linearly, as in NumPy. */
const innerBorders = (probabilities: ArrayLike<number>, options: CalibrationOptions): Float64Array => {
  const bins = checkInteger('bins', options.bins ?? 10, [1, 100_000])
  const shares = Float64Array.from({ length: bins - 1 }, (_, index) => (index + 1) / bins)
  return options.strategy === 'quantile' ? findQuantiles(probabilities, shares, options.weights) : shares
}

/** How many borders are below the value: a border belongs to the bin below it. */
const findBin = (borders: Float64Array, value: number): number => {
  let low = 0
  let high = borders.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (borders[middle] < value) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * The reliability curve: mean probability and observed rate by bin of probability, as scikit-learn's
 * `calibration_curve`. Throws a RangeError for bad labels or probabilities, no rows and no bins.
 */
export const calibrationCurve = (
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  options: CalibrationOptions = {},
): CalibrationBin[] => {
  const { rows, labels: checked, weights } = checkScored(labels, probabilities, options)
  const borders = innerBorders(probabilities, options)
  const counts = new Float64Array(borders.length + 1)
  const sums = new Float64Array(borders.length + 1)
  const positives = new Float64Array(borders.length + 1)
  for (let row = 0; row < rows; row += 1) {
    const bin = findBin(borders, probabilities[row])
    counts[bin] += weights[row]
    sums[bin] += weights[row] * probabilities[row]
    positives[bin] += weights[row] * checked[row]
  }
  return Array.from(counts, (count, bin) => ({
    count,
    meanPredicted: sums[bin] / count,
    observedRate: positives[bin] / count,
  })).filter(({ count }) => count > 0)
}

/**
 * Expected calibration error (Naeini et al. 2015): the mean over all rows of |mean probability − observed rate|
 * of the row's bin. 0 is perfect. Throws as {@link calibrationCurve}.
 */
export const expectedCalibrationError = (
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  options: CalibrationOptions = {},
): number => {
  const bins = calibrationCurve(labels, probabilities, options)
  const total = bins.reduce((sum, { count }) => sum + count, 0)
  return bins.reduce(
    (sum, bin) => sum + (bin.count / total) * Math.abs(bin.meanPredicted - bin.observedRate),
    0,
  )
}

export type CalibrationInTheLarge = {
  readonly meanPredicted: number
  readonly observedRate: number
  /** meanPredicted − observedRate: above 0 means that the model promises too much. */
  readonly bias: number
}

/** Whether the model is right on average over all rows. Throws as {@link calibrationCurve}. */
export const calibrationInTheLarge = (
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  { weights }: WeightOptions = {},
): CalibrationInTheLarge => {
  const [{ meanPredicted, observedRate }] = calibrationCurve(labels, probabilities, { bins: 1, weights })
  return { meanPredicted, observedRate, bias: meanPredicted - observedRate }
}
