import { countPositives, requireProbabilities, requireSameLength } from './checks.ts'
import { compareLosses, type LossComparison, type LossComparisonOptions } from './paired-losses.ts'
import type { PairedPredictions } from './paired-predictions.ts'

/** Predictions are clipped to [2^-52, 1 - 2^-52], as scikit-learn does for float64. */
const CLIP = Number.EPSILON

/**
 * Log loss of each row in nats: -ln of the probability given to what happened, at most 36.04 through clipping.
 * Throws RangeError for different lengths, labels other than 0 and 1, probabilities outside [0, 1].
 */
export function logLossPerRow(labels: ArrayLike<number>, probabilities: ArrayLike<number>): Float64Array {
  requireSameLength('probabilities', probabilities.length, labels.length)
  countPositives('labels', labels)
  requireProbabilities('probabilities', probabilities)
  const losses = new Float64Array(labels.length)
  for (let i = 0; i < losses.length; i++) {
    const p = Math.min(1 - CLIP, Math.max(CLIP, probabilities[i]))
    losses[i] = labels[i] === 1 ? -Math.log(p) : -Math.log1p(-p)
  }
  return losses
}

/**
 * Compares two classifiers on the same rows by their paired difference in log loss, as `compareLosses` does.
 * Throws RangeError for fewer than two rows, and as `logLossPerRow`, naming champion or challenger.
 */
export function compareLogLoss(
  { labels, champion, challenger }: PairedPredictions,
  options: LossComparisonOptions = {},
): LossComparison {
  requireSameLength('champion', champion.length, labels.length)
  requireSameLength('challenger', challenger.length, labels.length)
  requireProbabilities('champion', champion)
  requireProbabilities('challenger', challenger)
  return compareLosses(
    { champion: logLossPerRow(labels, champion), challenger: logLossPerRow(labels, challenger) },
    options,
  )
}
