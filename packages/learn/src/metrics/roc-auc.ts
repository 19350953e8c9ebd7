import { checkScored } from './scored.ts'

/**
 * Area under the ROC curve, exact: the share of (positive, negative) pairs that the scores order rightly, a tie
 * counting half (Mann–Whitney U). Any scores will do, infinite ones included. O(n log n).
 * Throws a RangeError for NaN, bad labels, no rows, and labels of one class only, where it is undefined.
 */
export const rocAuc = (labels: ArrayLike<number>, scores: ArrayLike<number>): number => {
  const checked = checkScored(labels, scores, { anyNumber: true })
  const { positives, rows } = checked
  const negatives = rows - positives
  if (positives === 0 || negatives === 0)
    throw new RangeError(`ROC AUC needs both classes; all ${rows} labels are ${positives === 0 ? 0 : 1}`)
  const above = new Float64Array(positives)
  const below = new Float64Array(negatives)
  let positive = 0
  let negative = 0
  for (let row = 0; row < rows; row += 1) {
    // Adding 0 turns -0 into 0: a typed array sorts them apart, though they are a tie.
    const score = scores[row] + 0
    if (checked.labels[row] === 1) {
      above[positive] = score
      positive += 1
    } else {
      below[negative] = score
      negative += 1
    }
  }
  above.sort()
  below.sort()
  let lower = 0
  let upTo = 0
  // Twice the count of ordered pairs, an exact integer up to 2^53.
  let twice = 0
  for (const score of above) {
    while (lower < negatives && below[lower] < score) lower += 1
    while (upTo < negatives && below[upTo] <= score) upTo += 1
    twice += lower + upTo
  }
  return twice / 2 / positives / negatives
}
