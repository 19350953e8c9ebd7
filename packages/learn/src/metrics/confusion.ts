import { checkScored } from './scored.ts'

/** Rows by true class and predicted class. */
export type Confusion = {
  readonly truePositives: number
  readonly falsePositives: number
  readonly trueNegatives: number
  readonly falseNegatives: number
}

/**
 * Counts with class 1 predicted where the probability is *above* `threshold` (0.5 by default: the label of the
 * ONNX graph). Throws a RangeError for bad labels or probabilities, no rows, and a threshold that is NaN.
 */
export const confusionAt = (
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  threshold = 0.5,
): Confusion => {
  if (Number.isNaN(threshold)) throw new RangeError('threshold is NaN')
  const { rows, positives, labels: checked } = checkScored(labels, probabilities)
  let predicted = 0
  let truePositives = 0
  for (let row = 0; row < rows; row += 1) {
    if (!(probabilities[row] > threshold)) continue
    predicted += 1
    truePositives += checked[row]
  }
  const falsePositives = predicted - truePositives
  const falseNegatives = positives - truePositives
  return { truePositives, falsePositives, trueNegatives: rows - positives - falsePositives, falseNegatives }
}

/** Share of rows whose class is predicted rightly. Throws as {@link confusionAt}. */
export const accuracy = (
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  threshold = 0.5,
): number => {
  const { truePositives, trueNegatives } = confusionAt(labels, probabilities, threshold)
  return (truePositives + trueNegatives) / labels.length
}
