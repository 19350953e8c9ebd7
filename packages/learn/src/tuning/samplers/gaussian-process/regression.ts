import { factorPositiveDefinite, solveLower, solveLowerTransposed } from '../../../linear-algebra/cholesky.ts'
import { type Covariance, matern, maternSlope, squaredGap } from './matern.ts'

/** Points with their values: coordinates row after row. */
export interface Sample {
  readonly width: number
  readonly categorical: Uint8Array
  readonly coordinates: Float64Array
  readonly values: Float64Array
}

/** A Gaussian process given a sample. */
export interface Process {
  /**
   * The mean and the standard deviation at a point, without noise; adds the gradients by its coordinates (0 for categories) to
   * `meanGradient` and `deviationGradient` if they are given.
   */
  readonly predict: (
    point: Float64Array,
    gradients?: { readonly mean: Float64Array; readonly deviation: Float64Array },
  ) => { readonly mean: number; readonly deviation: number }
}

/** K + noise, lower triangle. */
export const covarianceMatrix = (
  { width, categorical, coordinates, values: { length } }: Sample,
  { weights, scale, noise }: Covariance,
): Float64Array => {
  const matrix = new Float64Array(length * length)
  for (let row = 0; row < length; row += 1) {
    for (let column = 0; column < row; column += 1) {
      let squared = 0
      for (let at = 0; at < width; at += 1)
        squared +=
          weights[at] *
          squaredGap(coordinates[row * width + at], coordinates[column * width + at], categorical[at])
      matrix[row * length + column] = scale * matern(squared)
    }
    matrix[row * length + row] = scale + noise
  }
  return matrix
}

/** Throws a RangeError if rounding has left the covariance without a factor. */
export const createProcess = (sample: Sample, covariance: Covariance): Process => {
  const { width, categorical, coordinates, values } = sample
  const { weights, scale } = covariance
  const { length } = values
  const factor = covarianceMatrix(sample, covariance)
  if (!factorPositiveDefinite(factor, length))
    throw new RangeError('the covariance of the points is not positive definite')
  const shares = values.slice()
  solveLower(factor, shares)
  solveLowerTransposed(factor, shares)
  const row = new Float64Array(length)
  const slopes = new Float64Array(length)
  const solved = new Float64Array(length)
  return {
    predict(point, gradients) {
      let mean = 0
      for (let index = 0; index < length; index += 1) {
        let squared = 0
        for (let at = 0; at < width; at += 1)
          squared += weights[at] * squaredGap(point[at], coordinates[index * width + at], categorical[at])
        row[index] = scale * matern(squared)
        if (gradients) slopes[index] = scale * maternSlope(squared)
        mean += row[index] * shares[index]
      }
      solved.set(row)
      solveLower(factor, solved)
      let explained = 0
      for (const value of solved) explained += value * value
      const deviation = Math.sqrt(Math.max(1e-12, scale - explained))
      if (gradients) {
        solveLowerTransposed(factor, solved)
        for (let index = 0; index < length; index += 1)
          for (let at = 0; at < width; at += 1) {
            if (categorical[at]) continue
            const slope = 2 * slopes[index] * weights[at] * (point[at] - coordinates[index * width + at])
            gradients.mean[at] += shares[index] * slope
            gradients.deviation[at] -= (solved[index] * slope) / deviation
          }
      }
      return { mean, deviation }
    },
  }
}
