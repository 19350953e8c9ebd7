import type { Random } from '../../../random.ts'
import { compareNumbers } from '../../compare.ts'
import type { Dimension } from '../../dimension.ts'
import { drawTruncatedNormal, logNormalDensity, logNormalMass } from '../../normal-mass.ts'
import { fromScale, scaledRange, toScale } from '../../scale.ts'
import { drawIndex } from '../../uniform.ts'

/** Kernels of one dimension: one around each observed value, then that of the prior. */
export interface Kernels {
  /** A value out of one of the kernels. */
  readonly draw: (random: Random, kernel: number) => number
  /** Adds the log density (of a step: the log mass) of a value under each kernel to `sums`. */
  readonly addLogDensities: (value: number, sums: Float64Array) => void
}

const widthsOf = (values: Float64Array, [low, high]: readonly [number, number]): Float64Array => {
  const range = high - low
  const sigmas = new Float64Array(values.length)
  const order = [...values.keys()].sort((a, b) => compareNumbers(values[a], values[b]))
  const least = range / Math.min(100, values.length + 2)
  order.forEach((own, place) => {
    const left = place > 0 ? values[own] - values[order[place - 1]] : undefined
    const right = place + 1 < order.length ? values[order[place + 1]] - values[own] : undefined
    // Only a single value has the ends of the range for neighbours.
    const gap =
      values.length === 1 ? Math.max(values[own] - low, high - values[own]) : Math.max(left ?? 0, right ?? 0)
    sigmas[own] = Math.min(range, Math.max(least, gap))
  })
  return sigmas
}

/** Means and standard deviations on the scale of the dimension, the prior's last. */
export const placeKernels = (
  dimension: Dimension,
  values: Float64Array,
): { readonly means: Float64Array; readonly deviations: Float64Array } => {
  const range = scaledRange(dimension)
  const scaled = values.map((value) => toScale(dimension, value))
  return {
    means: Float64Array.of(...scaled, (range[0] + range[1]) / 2),
    deviations: Float64Array.of(...widthsOf(scaled, range), range[1] - range[0]),
  }
}

/**
 * Normal distributions cut to the range, as wide as the greater of the gaps to the neighbours (Bergstra et al. 2011; widths
 * as in Optuna 5): a value with steps has the mass of its step.
 */
const numericKernels = (dimension: Dimension, values: Float64Array): Kernels => {
  const { means, deviations } = placeKernels(dimension, values)
  const range = scaledRange(dimension)
  const logTotals = means.map((mean, kernel) =>
    logNormalMass((range[0] - mean) / deviations[kernel], (range[1] - mean) / deviations[kernel]),
  )
  const logNorms = logTotals.map((total, kernel) => total + Math.log(deviations[kernel]))
  const half = dimension.step / 2
  return {
    draw: (random, kernel) =>
      fromScale(dimension, drawTruncatedNormal(random, means[kernel], deviations[kernel], range)),
    addLogDensities(value, sums) {
      if (half === 0) {
        const scaled = toScale(dimension, value)
        for (let kernel = 0; kernel < means.length; kernel += 1)
          sums[kernel] += logNormalDensity((scaled - means[kernel]) / deviations[kernel]) - logNorms[kernel]
        return
      }
      const low = toScale(dimension, value - half)
      const high = toScale(dimension, value + half)
      for (let kernel = 0; kernel < means.length; kernel += 1) {
        const mean = means[kernel]
        const deviation = deviations[kernel]
        sums[kernel] += logNormalMass((low - mean) / deviation, (high - mean) / deviation) - logTotals[kernel]
      }
    },
  }
}

/** Each choice has the share 1 / kernels, the observed one has 1 more, all over their sum; the prior knows none. */
const categoricalKernels = ({ choices }: Dimension, values: Float64Array): Kernels => {
  const count = choices?.length ?? 1
  const share = 1 / (values.length + 1)
  const total = 1 + count * share
  const logObserved = Math.log((1 + share) / total)
  const logOther = Math.log(share / total)
  const logPrior = -Math.log(count)
  return {
    draw(random, kernel) {
      if (kernel === values.length) return random.below(count)
      const weights = new Float64Array(count).fill(share)
      weights[values[kernel]] += 1
      return drawIndex(random, weights, total)
    },
    addLogDensities(value, sums) {
      for (let kernel = 0; kernel < values.length; kernel += 1)
        sums[kernel] += values[kernel] === value ? logObserved : logOther
      sums[values.length] += logPrior
    },
  }
}

export const createKernels = (dimension: Dimension, values: Float64Array): Kernels =>
  dimension.choices ? categoricalKernels(dimension, values) : numericKernels(dimension, values)
