import { type ConfusionMatrix, marginsOf } from './confusion.ts'
import { UndefinedMetricError } from './undefined-metric.ts'

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0)

const diagonal = ({ classes, counts }: ConfusionMatrix): Float64Array =>
  Float64Array.from({ length: classes }, (_, code) => counts[code * classes + code])

/** Share of the rows (of their weight) whose class is predicted rightly, 0 to 1. A {@link confusionMatrix} has rows, so it is always defined. */
export const accuracy = (matrix: ConfusionMatrix): number => sum(diagonal(matrix)) / sum(matrix.counts)

/** Mean of the recall of each class that occurs, 0 to 1 (scikit-learn's `balanced_accuracy_score`). */
export const balancedAccuracy = (matrix: ConfusionMatrix): number => {
  const { actual } = marginsOf(matrix)
  const recalls = diagonal(matrix)
    .map((right, code) => right / actual[code])
    .filter((_, code) => actual[code] > 0)
  return sum(recalls) / recalls.length
}

/**
 * Matthews' correlation of true and predicted classes, −1 to 1, for any number of classes (Gorodkin 2004); 0 where
 * only one class occurs or is predicted.
 */
export const matthewsCorrelation = (matrix: ConfusionMatrix): number => {
  const { actual, predicted } = marginsOf(matrix)
  const total = sum(matrix.counts)
  const dot = (a: Float64Array, b: Float64Array): number => sum(a.map((value, code) => value * b[code]))
  const covariance = sum(diagonal(matrix)) * total - dot(actual, predicted)
  const [spreadActual, spreadPredicted] = [actual, predicted].map((sums) => total * total - dot(sums, sums))
  if (spreadActual === 0 || spreadPredicted === 0) return 0
  return covariance / Math.sqrt(spreadActual * spreadPredicted)
}

export interface AverageOptions {
  /**
   * 'binary' (default): of class 1 of two. 'macro': the mean over the classes that occur or are predicted.
   * 'weighted': that mean weighted by the rows of each class. 'micro': over the counts of all classes together.
   */
  readonly average?: 'binary' | 'macro' | 'micro' | 'weighted'
  /**
   * What 0 / 0 is (no row is predicted as the class, or none is of it): 0 (default), 1, or 'undefined': left out of
   * averages, an UndefinedMetricError if nothing is left.
   */
  readonly zeroDivision?: 0 | 1 | 'undefined'
}

export interface FBetaOptions extends AverageOptions {
  /** How many times recall counts as much as precision. Default 1. */
  readonly beta?: number
}

/** Numerator and denominator of a ratio for each class. */
interface Ratios {
  readonly name: string
  readonly above: Float64Array
  readonly below: Float64Array
}

const averageRatios = (
  matrix: ConfusionMatrix,
  { name, above, below }: Ratios,
  { average = 'binary', zeroDivision = 0 }: AverageOptions,
): number => {
  const { actual, predicted } = marginsOf(matrix)
  const divide = (a: number, b: number): number | undefined => {
    if (b !== 0) return a / b
    return zeroDivision === 'undefined' ? undefined : zeroDivision
  }
  const present = Array.from(actual.keys()).filter((code) => actual[code] > 0 || predicted[code] > 0)
  const mean = (weightOf: (code: number) => number): number | undefined => {
    let total = 0
    let weights = 0
    for (const code of present) {
      const value = divide(above[code], below[code])
      if (value === undefined) continue
      total += weightOf(code) * value
      weights += weightOf(code)
    }
    return weights === 0 ? undefined : total / weights
  }
  if (average === 'binary' && matrix.classes !== 2)
    throw new RangeError(
      `${name}'s average is 'binary', but there are ${matrix.classes} classes; choose 'macro', 'weighted' or 'micro'`,
    )
  const value = {
    binary: () => divide(above[1], below[1]),
    micro: () => divide(sum(above), sum(below)),
    macro: () => mean(() => 1),
    weighted: () => mean((code) => actual[code]),
  }[average]()
  if (value === undefined) throw new UndefinedMetricError(`${name} is 0 / 0`)
  return value
}

/** Share of the rows predicted as a class that are of it. Throws as {@link AverageOptions} say. */
export const precision = (matrix: ConfusionMatrix, options: AverageOptions = {}): number =>
  averageRatios(
    matrix,
    { name: 'precision', above: diagonal(matrix), below: marginsOf(matrix).predicted },
    options,
  )

/** Share of the rows of a class that are predicted as it. Throws as {@link AverageOptions} say. */
export const recall = (matrix: ConfusionMatrix, options: AverageOptions = {}): number =>
  averageRatios(matrix, { name: 'recall', above: diagonal(matrix), below: marginsOf(matrix).actual }, options)

/**
 * F-score (van Rijsbergen 1979): (1 + β²) TP / ((1 + β²) TP + β² FN + FP). Throws as {@link AverageOptions} say, and
 * a RangeError for a beta that is not above 0.
 */
export const fBeta = (matrix: ConfusionMatrix, { beta = 1, ...options }: FBetaOptions = {}): number => {
  if (!(beta > 0 && beta < Infinity)) throw new RangeError(`beta must be finite and > 0, not ${beta}`)
  const { actual, predicted } = marginsOf(matrix)
  const square = beta * beta
  return averageRatios(
    matrix,
    {
      name: 'F-score',
      above: diagonal(matrix).map((right) => (1 + square) * right),
      below: actual.map((count, code) => square * count + predicted[code]),
    },
    options,
  )
}

/** Harmonic mean of precision and recall, 0 to 1: {@link fBeta} with β = 1. Throws as it does. */
export const f1 = (matrix: ConfusionMatrix, options: AverageOptions = {}): number => fBeta(matrix, options)
