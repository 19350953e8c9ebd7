import type { WeightOptions } from './metric-weights.ts'
import { type ScoreSteps, toScoreSteps } from './score-steps.ts'
import { checkScored } from './scored.ts'
import { sortedAveragePrecision } from './sorted-scores.ts'
import { UndefinedMetricError } from './undefined-metric.ts'

const checkedSteps = (
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  { weights }: WeightOptions,
): ScoreSteps & { readonly positives: number } => {
  const checked = checkScored(labels, scores, { anyNumber: true, weights })
  const steps = toScoreSteps(checked, scores)
  const positives = steps.truePositives[steps.truePositives.length - 1]
  if (positives === 0)
    throw new UndefinedMetricError(`recall needs rows of class 1; all ${checked.rows} labels are 0`)
  return { ...steps, positives }
}

/** Precision and recall when class 1 is predicted for scores >= `thresholds[point]`, thresholds ascending. */
export interface PrecisionRecallCurve {
  /** One point more than thresholds: the last one is recall 0, precision 1, which no threshold gives. */
  readonly precision: Float64Array
  readonly recall: Float64Array
  readonly thresholds: Float64Array
}

/**
 * The precision-recall curve at each distinct score, as scikit-learn's `precision_recall_curve`. Throws a
 * RangeError for NaN, bad labels and no rows, and an UndefinedMetricError without rows of class 1.
 */
export const precisionRecallCurve = (
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  options: WeightOptions = {},
): PrecisionRecallCurve => {
  const { truePositives, falsePositives, ...rest } = checkedSteps(labels, scores, options)
  const points = truePositives.length + 1
  const [precision, recall] = [new Float64Array(points), new Float64Array(points)]
  truePositives.forEach((right, step) => {
    precision[points - 2 - step] = right / (right + falsePositives[step])
    recall[points - 2 - step] = right / rest.positives
  })
  precision[points - 1] = 1
  return { precision, recall, thresholds: rest.scores.reverse() }
}

/**
 * Average precision, the area under the precision-recall curve: Σ (Rₙ − Rₙ₋₁) Pₙ over the distinct scores, without
 * interpolation (which would be too good), as scikit-learn's `average_precision_score`. Throws as
 * {@link precisionRecallCurve}.
 */
export const averagePrecision = (
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  options: WeightOptions = {},
): number => {
  const { labels: checked, weights } = checkScored(labels, scores, { anyNumber: true, ...options })
  return sortedAveragePrecision(checked, scores)(weights)
}
