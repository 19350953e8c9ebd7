import { requireBetween, requireFinite, requireInteger, requireSameLength } from './checks.ts'
import { createRandomBits } from './random.ts'
import { normalHalfWidth, normalSf } from './special-functions.ts'

/** What each of the same rows costs with two models: log loss, squared error or any other loss whose mean counts. */
export interface PairedLosses {
  /** Of the model in place. */
  readonly champion: ArrayLike<number>
  /** Of the model that wants its place. */
  readonly challenger: ArrayLike<number>
}

export interface LossComparisonOptions {
  /** Coverage of the intervals; default 0.95. */
  readonly confidence?: number
  /** Also draw a percentile bootstrap interval (Efron 1979); the same seed gives the same interval. */
  readonly bootstrap?: { readonly resamples: number; readonly seed: number }
}

export interface LossComparison {
  readonly rows: number
  /** Mean loss of the challenger minus that of the champion: negative if the challenger is better. */
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
 * Compares two models on the same rows by their paired difference in mean loss. If all rows differ equally the standard
 * error is 0 and p is 0, 0.5 or 1 by the sign.
 * Throws RangeError for fewer than two rows, different lengths, and losses that are not finite.
 */
export function compareLosses(
  { champion, challenger }: PairedLosses,
  options: LossComparisonOptions = {},
): LossComparison {
  const { confidence = 0.95, bootstrap } = options
  requireBetween('confidence', confidence, [0.5, 0.9999])
  const rows = champion.length
  requireInteger('number of rows', rows, 2)
  requireSameLength('challenger', challenger.length, rows)
  requireFinite('champion', champion)
  requireFinite('challenger', challenger)
  const differences = Float64Array.from(challenger, (loss, i) => loss - champion[i])
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
