import { countPositives, requireBetween, requireProbabilities, requireSameLength } from './checks.ts'
import { midranks } from './midranks.ts'
import type { PairedPredictions } from './paired-predictions.ts'
import { normalHalfWidth, normalSf } from './special-functions.ts'

export interface AucComparison {
  readonly championAuc: number
  readonly challengerAuc: number
  /** Challenger minus champion: positive if the challenger is better. */
  readonly difference: number
  readonly standardError: number
  readonly interval: readonly [number, number]
  /** One-sided: small if the challenger is better. Twice the smaller of p and 1 - p is the two-sided one. */
  readonly pValue: number
}

/**
 * DeLong's test (1988) for the difference of two ROC AUCs on the same rows, in O(n log n) through midranks (Sun and
 * Xu 2014). Equal rankings give difference 0, standard error 0 and p = 0.5.
 * Throws RangeError for different lengths, values out of range, or fewer than two rows of either class.
 */
export function compareAuc(
  { labels, champion, challenger }: PairedPredictions,
  { confidence = 0.95 }: { readonly confidence?: number } = {},
): AucComparison {
  requireBetween('confidence', confidence, [0.5, 0.9999])
  requireSameLength('champion', champion.length, labels.length)
  requireSameLength('challenger', challenger.length, labels.length)
  requireProbabilities('champion', champion)
  requireProbabilities('challenger', challenger)
  const positives = countPositives('labels', labels)
  if (Math.min(positives, labels.length - positives) < 2) {
    throw new RangeError(
      `labels has ${positives} positive of ${labels.length} rows: at least two of each class are needed`,
    )
  }
  const first = placements(labels, champion)
  const second = placements(labels, challenger)
  const difference = second.auc - first.auc
  const standardError = Math.sqrt(
    varianceOfDifference(first.positives, second.positives) / positives +
      varianceOfDifference(first.negatives, second.negatives) / (labels.length - positives),
  )
  const half = normalHalfWidth(confidence) * standardError
  return {
    championAuc: first.auc,
    challengerAuc: second.auc,
    difference,
    standardError,
    interval: [difference - half, difference + half],
    pValue: difference === 0 ? 0.5 : normalSf(difference / standardError),
  }
}

interface Placements {
  readonly auc: number
  /** For each positive the share of negatives that score lower (half for ties): DeLong's V10. */
  readonly positives: Float64Array
  /** For each negative the share of positives that score higher: V01. */
  readonly negatives: Float64Array
}

function placements(labels: ArrayLike<number>, scores: ArrayLike<number>): Placements {
  const all = Float64Array.from(scores)
  const positives = all.filter((_, i) => labels[i] === 1)
  const negatives = all.filter((_, i) => labels[i] === 0)
  const ranks = midranks(all)
  const positiveRanks = midranks(positives)
  const negativeRanks = midranks(negatives)
  const [m, n] = [positives.length, negatives.length]
  let [p, q, auc] = [0, 0, 0]
  for (let i = 0; i < all.length; i++) {
    if (labels[i] === 1) {
      positives[p] = (ranks[i] - positiveRanks[p]) / n
      auc += positives[p++]
    } else {
      negatives[q] = 1 - (ranks[i] - negativeRanks[q]) / m
      q++
    }
  }
  return { auc: auc / m, positives, negatives }
}

/** Sample variance of second - first, which is var + var - 2 cov without the cancellation. */
function varianceOfDifference(first: Float64Array, second: Float64Array): number {
  const differences = second.map((value, i) => value - first[i])
  let sum = 0
  for (const value of differences) sum += value
  const mean = sum / differences.length
  let squares = 0
  for (const value of differences) squares += (value - mean) ** 2
  return squares / (differences.length - 1)
}
