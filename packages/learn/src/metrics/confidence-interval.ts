import { normalCdf, normalQuantile } from '../normal.ts'
import { findQuantiles } from '../quantiles.ts'

export interface ConfidenceInterval {
  readonly low: number
  readonly high: number
}

/** The interval between the quantiles of the bootstrap distribution (Efron 1979). `confidence` is 0 … 1. */
export const percentileInterval = (distribution: Float64Array, confidence: number): ConfidenceInterval => {
  const [low, high] = findQuantiles(distribution, [(1 - confidence) / 2, (1 + confidence) / 2])
  return { low, high }
}

/** Skewness of the jackknife values over 6, as weights of equal size (Efron 1987, 6.6). */
const acceleration = (jackknife: Float64Array): number => {
  const mean = jackknife.reduce((sum, value) => sum + value, 0) / jackknife.length
  let squares = 0
  let cubes = 0
  for (const value of jackknife) {
    squares += (mean - value) ** 2
    cubes += (mean - value) ** 3
  }
  return squares === 0 ? 0 : cubes / (6 * squares ** 1.5)
}

export interface BcaParts {
  /** The statistic of all rows. */
  readonly estimate: number
  /** Of the bootstrap samples. */
  readonly distribution: Float64Array
  /** With one row (or block of rows) left out, for each. */
  readonly jackknife: Float64Array
}

/**
 * Bias-corrected and accelerated interval (Efron 1987), the shares of the quantiles being corrected for the bias and the
 * skewness of the statistic, as scipy's `bootstrap` does it. Where all samples lie on one side of the estimate no
 * correction is possible, and it is {@link percentileInterval}.
 */
export const bcaInterval = (
  { estimate, distribution, jackknife }: BcaParts,
  confidence: number,
): ConfidenceInterval => {
  let below = 0
  for (const value of distribution) below += value < estimate ? 1 : value === estimate ? 0.5 : 0
  const bias = normalQuantile(below / distribution.length)
  if (!Number.isFinite(bias)) return percentileInterval(distribution, confidence)
  const skew = acceleration(jackknife)
  const corrected = (share: number): number => {
    const z = bias + normalQuantile(share)
    return normalCdf(bias + z / (1 - skew * z))
  }
  const shares = [corrected((1 - confidence) / 2), corrected((1 + confidence) / 2)]
  const [low, high] = findQuantiles(distribution, shares)
  return { low, high }
}
