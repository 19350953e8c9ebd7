import { checkCodes } from './class-probabilities.ts'
import { resolveMetricWeights, type WeightOptions } from './metric-weights.ts'
import { checkScored } from './scored.ts'

/** Rows by true class and predicted class, for two classes; sums of weights where weights were given. */
export type Confusion = {
  readonly truePositives: number
  readonly falsePositives: number
  readonly trueNegatives: number
  readonly falseNegatives: number
}

export type ConfusionOptions = WeightOptions & {
  /** Class 1 is predicted above it. Default 0.5. */
  readonly threshold?: number
}

/**
 * Counts with class 1 predicted where the probability is *above* the threshold (0.5 by default: the label of the
 * ONNX graph). Throws a RangeError for bad labels or probabilities, no rows, and a threshold that is NaN.
 */
export const confusionAt = (
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  { threshold = 0.5, weights: given }: ConfusionOptions = {},
): Confusion => {
  if (Number.isNaN(threshold)) throw new RangeError('threshold is NaN')
  const { labels: checked, weights, ...sums } = checkScored(labels, probabilities, { weights: given })
  let truePositives = 0
  let falsePositives = 0
  for (let row = 0; row < sums.rows; row += 1) {
    if (!(probabilities[row] > threshold)) continue
    if (checked[row] === 1) truePositives += weights[row]
    else falsePositives += weights[row]
  }
  const falseNegatives = sums.positives - truePositives
  const trueNegatives = sums.total - sums.positives - falsePositives
  return { truePositives, falsePositives, trueNegatives, falseNegatives }
}

/** Rows by true and predicted class. */
export interface ConfusionMatrix {
  readonly classes: number
  /** `counts[actual * classes + predicted]`: rows, or the sum of their weights. */
  readonly counts: Float64Array
}

export interface ConfusionMatrixOptions extends WeightOptions {
  /** How many classes there are. Default: one more than the greatest code. */
  readonly classes?: number
}

const greatest = (codes: ArrayLike<number>): number => {
  let most = 0
  for (let row = 0; row < codes.length; row += 1) if (codes[row] > most) most = codes[row]
  return most
}

/**
 * Counts rows by true and predicted class, given as codes 0 … classes - 1. Throws a RangeError for no rows, lengths
 * that differ, codes and weights that are none, and more than 4096 classes.
 */
export const confusionMatrix = (
  actual: ArrayLike<number>,
  predicted: ArrayLike<number>,
  options: ConfusionMatrixOptions = {},
): ConfusionMatrix => {
  const rows = actual.length
  if (rows === 0) throw new RangeError('a metric needs at least one row')
  if (predicted.length !== rows)
    throw new RangeError(`there are ${predicted.length} predictions for ${rows} rows; they must be equal`)
  const classes = options.classes ?? Math.max(greatest(actual), greatest(predicted)) + 1
  if (!(classes >= 1 && classes <= 4096))
    throw new RangeError(`a confusion matrix has 1 … 4096 classes, not ${classes}`)
  checkCodes('true classes', actual, classes)
  checkCodes('predicted classes', predicted, classes)
  const weights = resolveMetricWeights(options.weights, rows)
  const counts = new Float64Array(classes * classes)
  for (let row = 0; row < rows; row += 1) counts[actual[row] * classes + predicted[row]] += weights[row]
  return { classes, counts }
}

/** The matrix of rows that are checked already: `cells[row]` is actual * classes + predicted. */
export const countCells = (
  cells: ArrayLike<number>,
  classes: number,
  weights: ArrayLike<number>,
): ConfusionMatrix => {
  const counts = new Float64Array(classes * classes)
  for (let row = 0; row < cells.length; row += 1) counts[cells[row]] += weights[row]
  return { classes, counts }
}

/** The sums over rows (rows of each true class) and columns (rows predicted as each class). */
export const marginsOf = ({
  classes,
  counts,
}: ConfusionMatrix): { readonly actual: Float64Array; readonly predicted: Float64Array } => {
  const actual = new Float64Array(classes)
  const predicted = new Float64Array(classes)
  for (let row = 0; row < classes; row += 1)
    for (let column = 0; column < classes; column += 1) {
      actual[row] += counts[row * classes + column]
      predicted[column] += counts[row * classes + column]
    }
  return { actual, predicted }
}
