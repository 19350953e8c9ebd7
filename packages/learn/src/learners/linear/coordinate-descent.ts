import type { FitOptions } from '../../learner.ts'
import type { Regressors } from './condense.ts'

export interface ElasticPenalty {
  /** Of Σ |coefficient|, already multiplied by the sum of the weights. */
  readonly l1: number
  /** Of ½ Σ coefficient², already multiplied by the sum of the weights. */
  readonly l2: number
  readonly positive: boolean
}

export interface DescentRules {
  readonly maxIter: number
  readonly tol: number
}

export interface Descent {
  readonly coefficients: Float64Array
  readonly iterations: number
  readonly converged: boolean
}

/** Σ weight × residual × (value - centre). */
const correlate = (
  values: Float32Array,
  residuals: Float64Array,
  weights: Float64Array,
  centre: number,
): number => {
  let sum = 0
  for (let row = 0; row < values.length; row += 1)
    sum += weights[row] * residuals[row] * (values[row] - centre)
  return sum
}

const sumSquares = (values: ArrayLike<number>, weights: Float64Array, centre: number): number => {
  let sum = 0
  for (let row = 0; row < values.length; row += 1) sum += weights[row] * (values[row] - centre) ** 2
  return sum
}

/**
 * How far the primal objective may lie above the least possible: the difference to the dual objective at the
 * scaled residuals (Kim et al. 2007, An Interior-Point Method for Large-Scale l1-Regularized Least Squares).
 */
const dualityGap = (
  regressors: Regressors,
  { l1, l2, positive }: ElasticPenalty,
  residuals: Float64Array,
  coefficients: Float64Array,
): number => {
  const { features, target, weights, centres, targetCentre } = regressors
  let dualNorm = 0
  features.forEach((values, column) => {
    const slope = correlate(values, residuals, weights, centres[column]) - l2 * coefficients[column]
    dualNorm = Math.max(dualNorm, positive ? slope : Math.abs(slope))
  })
  const scale = dualNorm > l1 ? l1 / dualNorm : 1
  const residualSquares = sumSquares(residuals, weights, 0)
  const l1Norm = coefficients.reduce((sum, value) => sum + Math.abs(value), 0)
  const l2Norm = coefficients.reduce((sum, value) => sum + value * value, 0)
  let fitted = 0
  for (let row = 0; row < target.length; row += 1)
    fitted += weights[row] * residuals[row] * (target[row] - targetCentre)
  return (
    0.5 * residualSquares * (1 + scale * scale) +
    l1 * l1Norm -
    scale * fitted +
    0.5 * l2 * (1 + scale * scale) * l2Norm
  )
}

const shrink = (value: number, { l1, positive }: ElasticPenalty): number => {
  if (value > l1) return value - l1
  return value < -l1 && !positive ? value + l1 : 0
}

/**
 * The least ½ Σ weight residual² + l1 Σ |coefficient| + ½ l2 Σ coefficient², one coefficient after the other
 * (Friedman, Hastie & Tibshirani 2010). Ends as scikit-learn does: when no coefficient moves by more than `tol`
 * of the largest, the duality gap decides, which must be below `tol` × the target's sum of squares.
 */
export const descendCoordinates = (
  regressors: Regressors,
  penalty: ElasticPenalty,
  { maxIter, tol }: DescentRules,
  { signal, onProgress }: FitOptions,
): Descent => {
  const { features, target, weights, centres, targetCentre } = regressors
  const squares = features.map((values, column) => sumSquares(values, weights, centres[column]))
  const residuals = target.map((value) => value - targetCentre)
  const coefficients = new Float64Array(features.length)
  const allowedGap = tol * sumSquares(target, weights, targetCentre)
  for (let iteration = 1; iteration <= maxIter; iteration += 1) {
    signal?.throwIfAborted()
    let largest = 0
    let moved = 0
    for (let column = 0; column < features.length; column += 1) {
      const square = squares[column]
      if (square === 0) continue
      const values = features[column]
      const centre = centres[column]
      const before = coefficients[column]
      const slope = correlate(values, residuals, weights, centre) + square * before
      const after = shrink(slope, penalty) / (square + penalty.l2)
      const change = before - after
      if (change !== 0)
        for (let row = 0; row < values.length; row += 1) residuals[row] += change * (values[row] - centre)
      coefficients[column] = after
      moved = Math.max(moved, Math.abs(change))
      largest = Math.max(largest, Math.abs(after))
    }
    onProgress?.(iteration, maxIter)
    if (moved <= tol * largest && dualityGap(regressors, penalty, residuals, coefficients) <= allowedGap)
      return { coefficients, iterations: iteration, converged: true }
  }
  const converged = dualityGap(regressors, penalty, residuals, coefficients) <= allowedGap
  return { coefficients, iterations: maxIter, converged }
}
