import { type ClassScoreOptions, checkClassProbabilities } from './class-probabilities.ts'
import type { WeightOptions } from './metric-weights.ts'
import { checkScored } from './scored.ts'

const clip = (probability: number): number =>
  Math.min(1 - Number.EPSILON, Math.max(Number.EPSILON, probability))

/**
 * Mean negative log likelihood. Probabilities are clipped to [2^-52, 1 - 2^-52] as in scikit-learn, so one
 * certain mistake costs 36, not infinity. Throws a RangeError for bad labels or probabilities and no rows.
 */
export const logLoss = (
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  options: WeightOptions = {},
): number => {
  const { rows, labels: checked, weights, total } = checkScored(labels, probabilities, options)
  let sum = 0
  for (let row = 0; row < rows; row += 1) {
    const given = clip(probabilities[row])
    sum -= weights[row] * (checked[row] === 1 ? Math.log(given) : Math.log(1 - given))
  }
  return sum / total
}

/** Mean squared difference of probability and label (Brier 1950), 0 to 1. Throws as {@link logLoss}. */
export const brierScore = (
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  options: WeightOptions = {},
): number => {
  const { rows, labels: checked, weights, total } = checkScored(labels, probabilities, options)
  let sum = 0
  for (let row = 0; row < rows; row += 1) sum += weights[row] * (probabilities[row] - checked[row]) ** 2
  return sum / total
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
  const { rows, weights, total } = checkClassProbabilities(codes, probabilities, options)
  let sum = 0
  for (let row = 0; row < rows; row += 1)
    sum -= weights[row] * Math.log(clip(probabilities[row * options.classes + codes[row]]))
  return sum / total
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
  const { rows, weights, total } = checkClassProbabilities(codes, probabilities, options)
  const { classes } = options
  let sum = 0
  for (let row = 0; row < rows; row += 1)
    for (let code = 0; code < classes; code += 1)
      sum += weights[row] * (probabilities[row * classes + code] - (codes[row] === code ? 1 : 0)) ** 2
  return sum / total
}
