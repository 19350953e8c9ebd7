import type { Random } from '../../../random.ts'
import type { Dimension } from '../../dimension.ts'
import { drawIndex } from '../../uniform.ts'
import { createKernels } from './kernels.ts'

/** A density over some dimensions: a weighted sum of kernels, each a product over the dimensions. */
export interface Mixture {
  readonly draw: (random: Random) => Float64Array
  readonly logDensity: (values: Float64Array) => number
}

const recentTrials = 25

/** The weights of n observations, oldest first, before normalization: beyond the last 25 they grow evenly from 1/n to 1. */
export const weighByAge = (n: number): Float64Array => {
  const old = Math.max(0, n - recentTrials)
  const growth = old > 1 ? (1 - 1 / n) / (old - 1) : 0
  return Float64Array.from({ length: n }, (_, index) => (index >= old ? 1 : 1 / n + index * growth))
}

/**
 * The Parzen estimator of observations: `columns` holds their values by dimension, oldest first, and `weights` those of the
 * observations. One kernel more, of weight 1, knows nothing.
 */
export const createMixture = (
  dimensions: readonly Dimension[],
  columns: readonly Float64Array[],
  weights: Float64Array,
): Mixture => {
  const count = weights.length + 1
  const all = Float64Array.of(...weights, 1)
  const total = all.reduce((sum, weight) => sum + weight, 0)
  const logWeights = all.map((weight) => Math.log(weight / total))
  const kernels = dimensions.map((dimension, at) => createKernels(dimension, columns[at]))
  const sums = new Float64Array(count)
  return {
    draw(random) {
      const kernel = drawIndex(random, all, total)
      return Float64Array.from(kernels, (own) => own.draw(random, kernel))
    },
    logDensity(values) {
      sums.set(logWeights)
      kernels.forEach((own, at) => {
        own.addLogDensities(values[at], sums)
      })
      let most = -Infinity
      for (const sum of sums) most = Math.max(most, sum)
      if (most === -Infinity) return -Infinity
      let rest = 0
      for (const sum of sums) rest += Math.exp(sum - most)
      return most + Math.log(rest)
    },
  }
}
