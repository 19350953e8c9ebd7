import { checkInteger } from '../check-integer.ts'
import { checkLabels } from '../target.ts'

/** Predicts what happened historically in the row's group. */
export type GroupMeanBaseline = {
  readonly kind: 'group-mean-baseline'
  /** Predicted for a row without a group or of an unknown group. */
  readonly globalMean: number
  readonly means: Float64Array
}

export type GroupMeanOptions = {
  /** Number of groups; codes are 0 … groups - 1, or -1 for none. */
  readonly groups: number
  /** Weight of the global mean in a group's mean, in rows. Default 20. */
  readonly smoothing?: number
}

/**
 * The smoothed mean of each group g, (n₁(g) + m·mean) / (n(g) + m) with m = `smoothing`; a group without rows
 * gets the global mean. Throws a RangeError for no rows, lengths that differ, labels other than 0 and 1, and
 * codes or options out of range.
 */
export const fitGroupMeanBaseline = (
  codes: ArrayLike<number>,
  target: ArrayLike<number>,
  { groups, smoothing = 20 }: GroupMeanOptions,
): GroupMeanBaseline => {
  checkInteger('groups', groups, [1, 2 ** 31 - 1])
  if (!(smoothing >= 0 && smoothing < Infinity))
    throw new RangeError(`smoothing must be a finite number >= 0, not ${smoothing}`)
  if (codes.length === 0) throw new RangeError('a baseline needs at least one row')
  const { labels, positives } = checkLabels(target, codes.length)
  const globalMean = positives / codes.length
  const counts = new Float64Array(groups)
  const ones = new Float64Array(groups)
  for (let row = 0; row < codes.length; row += 1) {
    const code = checkInteger('a group code', codes[row], [-1, groups - 1])
    if (code === -1) continue
    counts[code] += 1
    ones[code] += labels[row]
  }
  const means = counts.map((count, group) =>
    count === 0 ? globalMean : (ones[group] + smoothing * globalMean) / (count + smoothing),
  )
  return { kind: 'group-mean-baseline', globalMean, means }
}

/** The probability of class 1 for each row; a code that was never seen gets the global mean. */
export const predictGroupMean = (baseline: GroupMeanBaseline, codes: ArrayLike<number>): Float64Array =>
  Float64Array.from(codes, (code) => baseline.means[code] ?? baseline.globalMean)
