import { type ConfusionMatrix, countCells } from './confusion.ts'
import type { ClassificationRows } from './metric.ts'

/**
 * A metric of rows that are checked, sorted and priced already, as a function of their weights alone (finite, >= 0, not all
 * 0), in O(rows): a bootstrap changes nothing else. Throws an UndefinedMetricError where the weights leave no value.
 */
export type WeightedMetric = (weights: ArrayLike<number>) => number

/** A number for each row. A loop, since `Float64Array.from` with a function takes several times as long. */
export const eachRow = (rows: number, numberOf: (row: number) => number): Float64Array => {
  const numbers = new Float64Array(rows)
  for (let row = 0; row < rows; row += 1) numbers[row] = numberOf(row)
  return numbers
}

/** Σ weight · value / Σ weight. */
export const weightedMean = (values: Float64Array, weights: ArrayLike<number>): number => {
  let sum = 0
  let total = 0
  for (let row = 0; row < values.length; row += 1) {
    sum += weights[row] * values[row]
    total += weights[row]
  }
  return sum / total
}

/** The mean of a loss that is known for each row. */
export const meanOfLosses =
  (losses: Float64Array): WeightedMetric =>
  (weights) =>
    weightedMean(losses, weights)

/** What is computed from the confusion matrix. */
export const ofMatrix = (
  { codes, predicted, classes }: Pick<ClassificationRows, 'codes' | 'predicted' | 'classes'>,
  compute: (matrix: ConfusionMatrix) => number,
): WeightedMetric => {
  const cells = codes.map((code, row) => code * classes.length + predicted[row])
  return (weights) => compute(countCells(cells, classes.length, weights))
}
