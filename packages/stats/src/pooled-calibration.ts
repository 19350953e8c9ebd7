import { normalTwoSided } from './special-functions.ts'

/** Sums over the labelled rows of one window; sums of neighbouring windows add up. */
export interface CalibrationSums {
  readonly labelled: number
  /** Positive labels. */
  readonly observed: number
  /** Sum of predicted probabilities. */
  readonly expected: number
  /** Sum of p (1 - p): the variance of `observed` if the predictions are right and rows independent. */
  readonly variance: number
}

export interface PooledCalibration {
  readonly windows: number
  readonly labelled: number
  readonly predictedRate: number
  readonly observedRate: number
  /** predictedRate minus observedRate: positive if the model predicts too much. */
  readonly gap: number
  /** How much the windows vary beyond independent rows; at least 1. */
  readonly overdispersion: number
  readonly z: number
  /** Two-sided. */
  readonly pValue: number
}

/**
 * Calibration in the large over several windows whose rows are not independent within a window (a storm delays a
 * whole day). As `calibrationInTheLarge`, but the variance is multiplied by the dispersion of the windows'
 * standardised residuals around the pooled gap: the Pearson estimate of quasi-likelihood (McCullagh & Nelder 1989,
 * section 4.5), never below 1. Windows without labels do not count. Throws RangeError if none has labels.
 */
export function pooledCalibration(windows: readonly CalibrationSums[]): PooledCalibration {
  const used = windows.filter((window) => window.labelled > 0)
  if (used.length === 0) throw new RangeError(`windows has no labelled row (${windows.length} windows)`)
  const total = { labelled: 0, observed: 0, expected: 0, variance: 0 }
  for (const window of used) {
    total.labelled += window.labelled
    total.observed += window.observed
    total.expected += window.expected
    total.variance += window.variance
  }
  const excess = total.expected - total.observed
  const gap = excess / total.labelled
  let residuals = 0
  for (const window of used) {
    const residual = window.expected - window.observed - gap * window.labelled
    if (residual !== 0) residuals += residual ** 2 / window.variance
  }
  const overdispersion = used.length > 1 ? Math.max(1, residuals / (used.length - 1)) : 1
  const z = excess === 0 ? 0 : excess / Math.sqrt(total.variance * overdispersion)
  return {
    windows: used.length,
    labelled: total.labelled,
    predictedRate: total.expected / total.labelled,
    observedRate: total.observed / total.labelled,
    gap,
    overdispersion,
    z,
    pValue: normalTwoSided(z),
  }
}
