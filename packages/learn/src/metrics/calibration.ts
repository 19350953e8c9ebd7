import { checkInteger } from '../check-integer.ts'
import { findQuantiles } from '../quantiles.ts'
import type { WeightOptions } from './metric-weights.ts'
import { checkScored } from './scored.ts'
import type { WeightedMetric } from './weighted-metric.ts'

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

/** Checked rows, and which bin each is in. */
interface BinnedRows {
  readonly labels: ArrayLike<number>
  readonly probabilities: ArrayLike<number>
  readonly bins: number
  readonly binOf: Uint32Array
}

const assignBins = (
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  options: CalibrationOptions,
): BinnedRows => {
  const borders = innerBorders(probabilities, options)
  const binOf = new Uint32Array(labels.length)
  for (let row = 0; row < binOf.length; row += 1) binOf[row] = findBin(borders, probabilities[row])
  return { labels, probabilities, bins: borders.length + 1, binOf }
}

const sumBins = (
  { labels, probabilities, bins, binOf }: BinnedRows,
  weights: ArrayLike<number>,
): CalibrationBin[] => {
  const counts = new Float64Array(bins)
  const sums = new Float64Array(bins)
  const positives = new Float64Array(bins)
  for (let row = 0; row < binOf.length; row += 1) {
    const bin = binOf[row]
    counts[bin] += weights[row]
    sums[bin] += weights[row] * probabilities[row]
    positives[bin] += weights[row] * labels[row]
  }
  return Array.from(counts, (count, bin) => ({
    count,
    meanPredicted: sums[bin] / count,
    observedRate: positives[bin] / count,
  })).filter(({ count }) => count > 0)
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
  const { labels: checked, weights } = checkScored(labels, probabilities, options)
  return sumBins(assignBins(checked, probabilities, options), weights)
}

const meanGap = (bins: readonly CalibrationBin[]): number => {
  const total = bins.reduce((sum, { count }) => sum + count, 0)
  return bins.reduce(
    (sum, bin) => sum + (bin.count / total) * Math.abs(bin.meanPredicted - bin.observedRate),
    0,
  )
}

/** {@link expectedCalibrationError} of checked labels and probabilities; borders of quantiles move with the weights. */
export const binnedCalibrationError = (
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  options: Omit<CalibrationOptions, 'weights'>,
): WeightedMetric => {
  if (options.strategy === 'quantile')
    return (weights) => meanGap(sumBins(assignBins(labels, probabilities, { ...options, weights }), weights))
  const binned = assignBins(labels, probabilities, options)
  return (weights) => meanGap(sumBins(binned, weights))
}

/**
 * Expected calibration error (Naeini et al. 2015): the mean over all rows of |mean probability − observed rate|
 * of the row's bin. 0 is perfect. Throws as {@link calibrationCurve}.
 */
export const expectedCalibrationError = (
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  options: CalibrationOptions = {},
): number => meanGap(calibrationCurve(labels, probabilities, options))

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
