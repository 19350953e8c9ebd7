import { factorPositiveDefinite, solveLower, solveLowerTransposed } from '../../../linear-algebra/cholesky.ts'
import { minimizeLbfgs } from '../../../optimization/lbfgs.ts'
import { type Covariance, maternSlope, squaredGap } from './matern.ts'
import { covarianceMatrix, type Sample } from './regression.ts'

/** No less, so that equal points do not make the covariance singular. */
const leastNoise = 1e-6

const toCovariance = (logs: Float64Array, width: number): Covariance => ({
  weights: logs.subarray(0, width).map(Math.exp),
  scale: Math.exp(logs[width]),
  noise: leastNoise + Math.exp(logs[width + 1]),
})

/** L⁻¹, row after row, of which the lower triangle is used. */
const invertLower = (factor: Float64Array, size: number): Float64Array => {
  const inverse = new Float64Array(size * size)
  for (let column = 0; column < size; column += 1) {
    inverse[column * size + column] = 1 / factor[column * size + column]
    for (let row = column + 1; row < size; row += 1) {
      let sum = 0
      for (let at = column; at < row; at += 1) sum -= factor[row * size + at] * inverse[at * size + column]
      inverse[row * size + column] = sum / factor[row * size + row]
    }
  }
  return inverse
}

/** K⁻¹ = L⁻ᵀ L⁻¹, the lower triangle. */
const invertByFactor = (factor: Float64Array, size: number): Float64Array => {
  const lower = invertLower(factor, size)
  const inverse = new Float64Array(size * size)
  for (let at = 0; at < size; at += 1)
    for (let row = 0; row <= at; row += 1) {
      const own = lower[at * size + row]
      for (let column = 0; column <= row; column += 1)
        inverse[row * size + column] += own * lower[at * size + column]
    }
  return inverse
}

/**
 * − log posterior of the covariance's parameters, as a function of their logarithms (Rasmussen & Williams 2006, 5.8 and 5.9),
 * with the priors of Optuna: Gamma(2, 1) for the scale, Gamma(1.1, 30) for the noise, exp(−0.1 / w − 0.1 w) for the weights.
 * Infinity where the covariance is singular.
 */
export const negativeLogPosterior = (sample: Sample, logs: Float64Array, gradient: Float64Array): number => {
  const { width, categorical, coordinates, values } = sample
  const { length } = values
  const covariance = toCovariance(logs, width)
  const { weights, scale, noise } = covariance
  const matrix = covarianceMatrix(sample, covariance)
  const factor = matrix.slice()
  if (!factorPositiveDefinite(factor, length)) return Infinity
  const shares = values.slice()
  solveLower(factor, shares)
  solveLowerTransposed(factor, shares)
  let loss = (length / 2) * Math.log(2 * Math.PI)
  for (let row = 0; row < length; row += 1)
    loss += Math.log(factor[row * length + row]) + (values[row] * shares[row]) / 2
  const inverse = invertByFactor(factor, length)
  gradient.fill(0)
  let trace = 0
  for (let row = 0; row < length; row += 1) {
    for (let column = 0; column < row; column += 1) {
      // Twice a half: the matrix is symmetric.
      const push = inverse[row * length + column] - shares[row] * shares[column]
      let squared = 0
      for (let at = 0; at < width; at += 1)
        squared +=
          weights[at] *
          squaredGap(coordinates[row * width + at], coordinates[column * width + at], categorical[at])
      const slope = push * scale * maternSlope(squared)
      for (let at = 0; at < width; at += 1)
        gradient[at] +=
          slope *
          weights[at] *
          squaredGap(coordinates[row * width + at], coordinates[column * width + at], categorical[at])
      gradient[width] += push * matrix[row * length + column]
    }
    const push = (inverse[row * length + row] - shares[row] * shares[row]) / 2
    gradient[width] += push * scale
    trace += push
  }
  weights.forEach((weight, at) => {
    loss += 0.1 / weight + 0.1 * weight
    gradient[at] += -0.1 / weight + 0.1 * weight
  })
  loss -= Math.log(scale) - scale + 0.1 * Math.log(noise) - 30 * noise
  gradient[width] += scale - 1
  gradient[width + 1] = (trace - 0.1 / noise + 30) * (noise - leastNoise)
  return loss
}

/** The most probable parameters of the covariance as far as L-BFGS finds them from 1 for all; those if it finds nothing. */
export const fitCovariance = (sample: Sample): Covariance => {
  const { width } = sample
  const { point } = minimizeLbfgs(
    (logs, gradient) => negativeLogPosterior(sample, logs, gradient),
    new Float64Array(width + 2),
    { maxIter: 60, tol: 1e-2, onIteration: () => {} },
  )
  return toCovariance(point, width)
}
