import type { WeightOptions } from './metric-weights.ts'
import { type ScoreSteps, toScoreSteps } from './score-steps.ts'
import { checkScored } from './scored.ts'
import { sortedRocAuc } from './sorted-scores.ts'
import { UndefinedMetricError } from './undefined-metric.ts'

const checkedSteps = (
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  { weights }: WeightOptions,
): ScoreSteps & { readonly positives: number; readonly negatives: number } => {
  const checked = checkScored(labels, scores, { anyNumber: true, weights })
  const steps = toScoreSteps(checked, scores)
  const last = steps.scores.length - 1
  const [positives, negatives] = [steps.truePositives[last], steps.falsePositives[last]]
  if (positives === 0 || negatives === 0)
    throw new UndefinedMetricError(
      `ROC needs both classes; all ${checked.rows} labels are ${positives === 0 ? 0 : 1}`,
    )
  return { ...steps, positives, negatives }
}

/**
 * Area under the ROC curve, exact: the share of (positive, negative) pairs that the scores order rightly, a tie
 * counting half (Mann–Whitney U). Any scores will do, infinite ones included. O(n log n).
 * Throws a RangeError for NaN, bad labels, no rows, and an UndefinedMetricError for labels of one class only.
 */
export const rocAuc = (
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  options: WeightOptions = {},
): number => {
  const { labels: checked, weights } = checkScored(labels, scores, { anyNumber: true, ...options })
  return sortedRocAuc(checked, scores)(weights)
}

/** Points of a ROC curve, from (0, 0) to (1, 1). */
export interface RocCurve {
  readonly falsePositiveRate: Float64Array
  readonly truePositiveRate: Float64Array
  /** Class 1 is predicted for scores >= this; Infinity at the first point. */
  readonly thresholds: Float64Array
}

export interface RocCurveOptions extends WeightOptions {
  /** Leaves out points on a straight line between their neighbours. Default true. */
  readonly dropIntermediate?: boolean
}

/** The ROC curve at each distinct score, as scikit-learn's `roc_curve`. Throws as {@link rocAuc}. */
export const rocCurve = (
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  options: RocCurveOptions = {},
): RocCurve => {
  const { truePositives, falsePositives, ...rest } = checkedSteps(labels, scores, options)
  const last = truePositives.length - 1
  const isStraight = (step: number): boolean =>
    [falsePositives, truePositives].every(
      (sums) => sums[step] - sums[step - 1] === sums[step + 1] - sums[step],
    )
  const drop = options.dropIntermediate ?? true
  const kept = Uint32Array.from({ length: last + 1 }, (_, step) => step).filter(
    (step) => !drop || step === last || step === 0 || !isStraight(step),
  )
  const points = kept.length + 1
  const [falsePositiveRate, truePositiveRate] = [new Float64Array(points), new Float64Array(points)]
  const thresholds = new Float64Array(points)
  thresholds[0] = Infinity
  kept.forEach((step, index) => {
    falsePositiveRate[index + 1] = falsePositives[step] / rest.negatives
    truePositiveRate[index + 1] = truePositives[step] / rest.positives
    thresholds[index + 1] = rest.scores[step]
  })
  return { falsePositiveRate, truePositiveRate, thresholds }
}
