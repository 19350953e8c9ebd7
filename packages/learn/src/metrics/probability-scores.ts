import { type ClassScoreOptions, checkClassProbabilities } from './class-probabilities.ts'
import type { WeightOptions } from './metric-weights.ts'
import { checkScored } from './scored.ts'
import { eachRow, weightedMean } from './weighted-metric.ts'

const clip = (probability: number): number =>
  Math.min(1 - Number.EPSILON, Math.max(Number.EPSILON, probability))

/** What each row adds to {@link logLoss}; labels and probabilities are checked already. */
export const logLosses = (labels: ArrayLike<number>, probabilities: ArrayLike<number>): Float64Array =>
  eachRow(labels.length, (row) => {
    const given = clip(probabilities[row])
    return -Math.log(labels[row] === 1 ? given : 1 - given)
  })

/** What each row adds to {@link brierScore}. */
export const brierLosses = (labels: ArrayLike<number>, probabilities: ArrayLike<number>): Float64Array =>
  eachRow(labels.length, (row) => (probabilities[row] - labels[row]) ** 2)

/** What each row adds to {@link multiclassLogLoss}. */
export const multiclassLogLosses = (
  codes: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  classes: number,
): Float64Array => eachRow(codes.length, (row) => -Math.log(clip(probabilities[row * classes + codes[row]])))

/** What each row adds to {@link multiclassBrierScore}. */
export const multiclassBrierLosses = (
  codes: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  classes: number,
): Float64Array =>
  eachRow(codes.length, (row) => {
    let sum = 0
    for (let code = 0; code < classes; code += 1)
      sum += (probabilities[row * classes + code] - (codes[row] === code ? 1 : 0)) ** 2
    return sum
  })

/**
 * Mean negative log likelihood. Probabilities are clipped to [2^-52, 1 - 2^-52] as in scikit-learn, so one
 * certain mistake costs 36, not infinity. Throws a RangeError for bad labels or probabilities and no rows.
 */
export const logLoss = (
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  options: WeightOptions = {},
): number => {
  const { labels: checked, weights } = checkScored(labels, probabilities, options)
  return weightedMean(logLosses(checked, probabilities), weights)
}

/** Mean squared difference of probability and label (Brier 1950), 0 to 1. Throws as {@link logLoss}. */
export const brierScore = (
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  options: WeightOptions = {},
): number => {
  const { labels: checked, weights } = checkScored(labels, probabilities, options)
  return weightedMean(brierLosses(checked, probabilities), weights)
}

/**
 * As {@link logLoss} for any number of classes: −log of the probability of the true class. `probabilities` has
 * `options.classes` numbers for each row, one after the other.
 */
export const multiclassLogLoss = (
  codes: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  options: ClassScoreOptions,
): number => {
  const { weights } = checkClassProbabilities(codes, probabilities, options)
  return weightedMean(multiclassLogLosses(codes, probabilities, options.classes), weights)
}

/**
 * Mean over the rows of the sum over the classes of (probability − 1 for the true class, 0 for others)², 0 to 2
 * (Brier 1950; scikit-learn's `brier_score_loss` of more than two classes). Throws as {@link multiclassLogLoss}.
 */
export const multiclassBrierScore = (
  codes: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  options: ClassScoreOptions,
): number => {
  const { weights } = checkClassProbabilities(codes, probabilities, options)
  return weightedMean(multiclassBrierLosses(codes, probabilities, options.classes), weights)
}
