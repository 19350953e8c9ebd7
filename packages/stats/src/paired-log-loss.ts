import {
  countPositives,
  requireBetween,
  requireInteger,
  requireProbabilities,
  requireSameLength,
} from './checks.ts'
import type { PairedPredictions } from './paired-predictions.ts'
import { createRandomBits } from './random.ts'
import { normalHalfWidth, normalSf } from './special-functions.ts'

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

export interface LogLossComparisonOptions {
  /** Coverage of the intervals; default 0.95. */
  readonly confidence?: number
  /** Also draw a percentile bootstrap interval (Efron 1979); the same seed gives the same interval. */
  readonly bootstrap?: { readonly resamples: number; readonly seed: number }
}

export interface LogLossComparison {
  readonly rows: number
  /** Mean log loss of the challenger minus that of the champion: negative if the challenger is better. */
  readonly difference: number
  readonly standardError: number
  /** Normal approximation. */
  readonly interval: readonly [number, number]
  /** Only if asked for. */
  readonly bootstrapInterval?: readonly [number, number]
  /** One-sided: small if the challenger is better. */
  readonly pValue: number
}

/**
 * Compares two classifiers on the same rows by their paired difference in log loss. If all rows differ equally the
 * standard error is 0 and p is 0, 0.5 or 1 by the sign.
 * Throws RangeError for fewer than two rows, and as `logLossPerRow`, naming champion or challenger.
 */
export function compareLogLoss(
  { labels, champion, challenger }: PairedPredictions,
  options: LogLossComparisonOptions = {},
): LogLossComparison {
  const { confidence = 0.95, bootstrap } = options
  requireBetween('confidence', confidence, [0.5, 0.9999])
  const rows = labels.length
  requireInteger('number of rows', rows, 2)
  requireSameLength('champion', champion.length, rows)
  requireSameLength('challenger', challenger.length, rows)
  requireProbabilities('champion', champion)
  requireProbabilities('challenger', challenger)
  const differences = logLossPerRow(labels, challenger)
  const championLosses = logLossPerRow(labels, champion)
  for (let i = 0; i < rows; i++) differences[i] -= championLosses[i]
  const { mean, standardError } = meanWithError(differences)
  const half = normalHalfWidth(confidence) * standardError
  return {
    rows,
    difference: mean,
    standardError,
    interval: [mean - half, mean + half],
    ...(bootstrap && { bootstrapInterval: bootstrapMean(differences, confidence, bootstrap) }),
    pValue: mean === 0 ? 0.5 : normalSf(-mean / standardError),
  }
}

function meanWithError(values: Float64Array): { mean: number; standardError: number } {
  let sum = 0
  for (const value of values) sum += value
  const mean = sum / values.length
  let squares = 0
  for (const value of values) squares += (value - mean) ** 2
  return { mean, standardError: Math.sqrt(squares / (values.length - 1) / values.length) }
}

function bootstrapMean(
  values: Float64Array,
  confidence: number,
  { resamples, seed }: { resamples: number; seed: number },
): [number, number] {
  requireInteger('bootstrap.resamples', resamples, 100)
  requireInteger('bootstrap.seed', seed, 0)
  const nextBits = createRandomBits(seed)
  const scale = values.length / 2 ** 32
  const means = new Float64Array(resamples)
  for (let r = 0; r < resamples; r++) {
    let sum = 0
    for (let i = 0; i < values.length; i++) sum += values[Math.floor(nextBits() * scale)]
    means[r] = sum / values.length
  }
  means.sort()
  return [quantile(means, (1 - confidence) / 2), quantile(means, (1 + confidence) / 2)]
}

/** Linear interpolation between order statistics (Hyndman and Fan's type 7). */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1)
  const low = Math.floor(place)
  const high = Math.min(low + 1, sorted.length - 1)
  return sorted[low] + (place - low) * (sorted[high] - sorted[low])
}
