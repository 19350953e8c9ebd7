import { checkScored } from './scored.ts'

/**
 * Mean negative log likelihood. Probabilities are clipped to [2^-52, 1 - 2^-52] as in scikit-learn, so one
 * certain mistake costs 36, not infinity. Throws a RangeError for bad labels or probabilities and no rows.
 */
export const logLoss = (labels: ArrayLike<number>, probabilities: ArrayLike<number>): number => {
  const { rows, labels: checked } = checkScored(labels, probabilities)
  let sum = 0
  for (let row = 0; row < rows; row += 1) {
    const given = Math.min(1 - Number.EPSILON, Math.max(Number.EPSILON, probabilities[row]))
    sum -= checked[row] === 1 ? Math.log(given) : Math.log(1 - given)
  }
  return sum / rows
}

/** Mean squared difference of probability and label (Brier 1950). Throws as {@link logLoss}. */
export const brierScore = (labels: ArrayLike<number>, probabilities: ArrayLike<number>): number => {
  const { rows, labels: checked } = checkScored(labels, probabilities)
  let sum = 0
  for (let row = 0; row < rows; row += 1) sum += (probabilities[row] - checked[row]) ** 2
  return sum / rows
}
