import { countPositives, requireInteger, requireProbabilities, requireSameLength } from './checks.ts'
import { normalTwoSided } from './special-functions.ts'

export interface CalibrationTest {
  readonly rows: number
  /** Positive labels seen. */
  readonly observed: number
  /** Sum of the predicted probabilities. */
  readonly expected: number
  /** Observed rate minus mean prediction: positive if the model predicts too little. */
  readonly effect: number
  readonly z: number
  /** Two-sided. */
  readonly pValue: number
}

/**
 * Calibration in the large: do as many positives occur as were predicted? z = (O - E) / sqrt(sum p (1 - p)), the
 * unconditional score test (Spiegelhalter 1986; Cox 1958 with slope 1). Labels are 0 or 1, rows independent.
 * If every prediction is 0 or 1, z is 0 when all are right in sum, else infinite with p = 0.
 * Throws RangeError for no rows, different lengths, a label or probability out of range.
 */
export function calibrationInTheLarge(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
): CalibrationTest {
  const rows = requireLabelled(labels, probabilities)
  const observed = countPositives('labels', labels)
  let [expected, variance] = [0, 0]
  for (let i = 0; i < rows; i++) {
    expected += probabilities[i]
    variance += probabilities[i] * (1 - probabilities[i])
  }
  const excess = observed - expected
  const z = excess === 0 ? 0 : excess / Math.sqrt(variance)
  return { rows, observed, expected, effect: excess / rows, z, pValue: normalTwoSided(z) }
}

export interface ReliabilityBin {
  /** Holds lower <= p < upper; the last bin also p = 1. */
  readonly lower: number
  readonly upper: number
  readonly rows: number
  /** Null, like observedRate, if the bin is empty. */
  readonly meanPredicted: number | null
  readonly observedRate: number | null
}

/**
 * Reliability diagram: `bins` bins of equal width over [0, 1], empty ones included, so that windows can be added up.
 * Throws RangeError as `calibrationInTheLarge`, and if bins is not a positive integer.
 */
export function reliabilityBins(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  bins = 10,
): ReliabilityBin[] {
  requireInteger('bins', bins, 1)
  const rows = requireLabelled(labels, probabilities)
  countPositives('labels', labels)
  const cells = Array.from({ length: bins }, () => ({ rows: 0, predicted: 0, positives: 0 }))
  for (let i = 0; i < rows; i++) {
    const cell = cells[Math.min(bins - 1, Math.floor(probabilities[i] * bins))]
    cell.rows++
    cell.predicted += probabilities[i]
    cell.positives += labels[i]
  }
  return cells.map((cell, i) => ({
    lower: i / bins,
    upper: (i + 1) / bins,
    rows: cell.rows,
    meanPredicted: cell.rows === 0 ? null : cell.predicted / cell.rows,
    observedRate: cell.rows === 0 ? null : cell.positives / cell.rows,
  }))
}

function requireLabelled(labels: ArrayLike<number>, probabilities: ArrayLike<number>): number {
  requireSameLength('probabilities', probabilities.length, labels.length)
  if (labels.length === 0) throw new RangeError('labels is empty: at least one labelled row is needed')
  requireProbabilities('probabilities', probabilities)
  return labels.length
}
