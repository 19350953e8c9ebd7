import { checkLabels } from '../target.ts'
import { resolveMetricWeights } from './metric-weights.ts'

/** Checked labels and what a model said about them. */
export type Scored = {
  readonly labels: Uint8Array
  readonly rows: number
  readonly weights: ArrayLike<number>
  /** Sum of all weights, and of those of class 1; counts of rows where no weights were given. */
  readonly total: number
  readonly positives: number
}

export type ScoredOptions = {
  readonly weights?: ArrayLike<number>
  /** Scores may be any number, not only a probability. */
  readonly anyNumber?: boolean
}

/**
 * Checks labels (0 or 1) against scores of the same, non-zero length. Throws a RangeError that names the first
 * bad row: a NaN anywhere, or, unless `anyNumber`, a score outside [0, 1]; and for weights that are none.
 */
export const checkScored = (
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  { anyNumber = false, weights: given }: ScoredOptions = {},
): Scored => {
  const rows = scores.length
  if (rows === 0) throw new RangeError('a metric needs at least one row')
  const checked = checkLabels(labels, rows)
  for (let row = 0; row < rows; row += 1) {
    const score = scores[row]
    if (anyNumber ? Number.isNaN(score) : !(score >= 0 && score <= 1))
      throw new RangeError(
        `row ${row} is scored ${String(score)}; expected ${anyNumber ? 'a number' : 'a probability in [0, 1]'}`,
      )
  }
  const weights = resolveMetricWeights(given, rows)
  if (given === undefined) return { ...checked, rows, weights, total: rows }
  let total = 0
  let positives = 0
  for (let row = 0; row < rows; row += 1) {
    total += weights[row]
    positives += weights[row] * checked.labels[row]
  }
  return { labels: checked.labels, rows, weights, total, positives }
}
