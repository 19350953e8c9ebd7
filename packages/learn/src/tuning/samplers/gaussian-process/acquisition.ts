import { logNormalCdf } from '../../normal-mass.ts'
import { logImprovement, logImprovementSlope, logNormalCdfSlope } from './expected-improvement.ts'
import type { Process } from './regression.ts'

/** How much is expected of a point; adds the gradient by its coordinates to `gradient` if that is given. */
export type Acquisition = (point: Float64Array, gradient?: Float64Array) => number

/** A function of z = (target − mean) / deviation, with its derivative. */
interface Score {
  readonly value: (z: number) => number
  readonly slope: (z: number) => number
  /** How many times the log of the deviation is added. */
  readonly logDeviations: number
}

const improvement: Score = { value: logImprovement, slope: logImprovementSlope, logDeviations: 1 }
const feasibility: Score = { value: logNormalCdf, slope: logNormalCdfSlope, logDeviations: 0 }

const createScore =
  (process: Process, target: number, { value, slope, logDeviations }: Score): Acquisition =>
  (point, gradient) => {
    const gradients = gradient && {
      mean: new Float64Array(point.length),
      deviation: new Float64Array(point.length),
    }
    const { mean, deviation } = process.predict(point, gradients)
    const z = (target - mean) / deviation
    if (gradient && gradients) {
      const byMean = -slope(z) / deviation
      const byDeviation = z * byMean + logDeviations / deviation
      for (let at = 0; at < point.length; at += 1)
        gradient[at] += byMean * gradients.mean[at] + byDeviation * gradients.deviation[at]
    }
    return value(z) + logDeviations * Math.log(deviation)
  }

/** The log of the expected improvement on `target`, for a value to be minimized. */
export const expectImprovement = (process: Process, target: number): Acquisition =>
  createScore(process, target, improvement)

/** The log of the probability that the value is at most `target`. */
export const expectFeasible = (process: Process, target: number): Acquisition =>
  createScore(process, target, feasibility)

/** The log of the product. */
export const expectAll =
  (parts: readonly Acquisition[]): Acquisition =>
  (point, gradient) =>
    parts.reduce((sum, part) => sum + part(point, gradient), 0)
