import { checkLabels } from '../target.ts'

/** Checked labels and what a model said about them. */
export type Scored = { readonly labels: Uint8Array; readonly positives: number; readonly rows: number }

/**
 * Checks labels (0 or 1) against scores of the same, non-zero length. Throws a RangeError that names the first
 * bad row: a NaN anywhere, or, unless `anyNumber`, a score outside [0, 1].
 */
export const checkScored = (
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  { anyNumber = false } = {},
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
  return { ...checked, rows }
}
