import { requireInteger } from './checks.ts'
import { normalSf } from './special-functions.ts'

/** A sample as its count, mean and sample variance (divisor count - 1). */
export interface SampleMoments {
  readonly count: number
  readonly mean: number
  readonly variance: number
}

export interface MeanComparison {
  /** Mean of current minus mean of reference. */
  readonly difference: number
  readonly standardError: number
  /** One-sided: small if the mean of current is greater. */
  readonly pValueGreater: number
}

/**
 * Two-sample z test of means with unequal variances (Welch's statistic against the normal distribution), for samples
 * of about 30 and more. Without any spread p is 0, 0.5 or 1 by the sign of the difference.
 * Throws RangeError unless both counts are integers of at least 2 and both variances are finite and not negative.
 */
export function compareMeans(reference: SampleMoments, current: SampleMoments): MeanComparison {
  requireMoments('reference', reference)
  requireMoments('current', current)
  const difference = current.mean - reference.mean
  const standardError = Math.sqrt(reference.variance / reference.count + current.variance / current.count)
  const pValueGreater = difference === 0 ? 0.5 : normalSf(difference / standardError)
  return { difference, standardError, pValueGreater }
}

function requireMoments(name: string, { count, mean, variance }: SampleMoments): void {
  requireInteger(`${name}.count`, count, 2)
  if (!Number.isFinite(mean)) throw new RangeError(`${name}.mean must be finite, got ${mean}`)
  if (!Number.isFinite(variance) || variance < 0)
    throw new RangeError(`${name}.variance must be finite and not negative, got ${variance}`)
}
