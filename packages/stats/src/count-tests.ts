import { requireBetween, requireInteger, requireSameLength, sumCounts } from './checks.ts'
import { chiSquareSf, normalTwoSided } from './special-functions.ts'

export interface ChiSquareResult {
  readonly statistic: number
  /** Cells that are not empty on both sides, minus one. */
  readonly degreesOfFreedom: number
  readonly pValue: number
}

/**
 * Pearson's chi-square test that two samples of counts come from one distribution. Both sides count as random, so
 * it does not over-alarm as the goodness-of-fit test against a finite reference does. No continuity correction.
 * Fewer than two non-empty cells give p = 1. The p-value wants expected counts of about 5 or more in each cell.
 * Throws RangeError for different lengths, a negative or non-finite count, or a side without any row.
 */
export function chiSquareTwoSample(
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
): ChiSquareResult {
  requireSameLength('current', current.length, reference.length)
  const referenceRows = sumCounts('reference', reference)
  const currentRows = sumCounts('current', current)
  if (referenceRows === 0) throw new RangeError('reference has no rows: all counts are zero')
  if (currentRows === 0) throw new RangeError('current has no rows: all counts are zero')
  let [statistic, cells] = [0, 0]
  for (let i = 0; i < reference.length; i++) {
    const pooled = reference[i] + current[i]
    if (pooled === 0) continue
    cells++
    statistic += (reference[i] * currentRows - current[i] * referenceRows) ** 2 / pooled
  }
  statistic /= referenceRows * currentRows
  const degreesOfFreedom = Math.max(0, cells - 1)
  const pValue = degreesOfFreedom === 0 ? 1 : chiSquareSf(statistic, degreesOfFreedom)
  return { statistic, degreesOfFreedom, pValue }
}

export interface Proportion {
  readonly successes: number
  readonly trials: number
}

export interface ProportionResult {
  /** Current minus reference. */
  readonly difference: number
  readonly z: number
  /** Two-sided. */
  readonly pValue: number
}

/**
 * Two-proportion z test with pooled variance. If no trial or every trial succeeded on both sides, z = 0 and p = 1.
 * Throws RangeError unless trials is a positive integer and successes an integer from 0 to trials.
 */
export function twoProportionTest(reference: Proportion, current: Proportion): ProportionResult {
  requireProportion('reference', reference)
  requireProportion('current', current)
  const pooled = (reference.successes + current.successes) / (reference.trials + current.trials)
  const variance = pooled * (1 - pooled) * (1 / reference.trials + 1 / current.trials)
  const difference = current.successes / current.trials - reference.successes / reference.trials
  const z = variance === 0 ? 0 : difference / Math.sqrt(variance)
  return { difference, z, pValue: normalTwoSided(z) }
}

function requireProportion(name: string, { successes, trials }: Proportion): void {
  requireInteger(`${name}.trials`, trials, 1)
  requireInteger(`${name}.successes`, successes, 0)
  requireBetween(`${name}.successes`, successes, [0, trials])
}
