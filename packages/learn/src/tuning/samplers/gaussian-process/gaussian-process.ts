import { integerOption, makeSpec, type OptionRules, resolveOptions } from '../../../options.ts'
import { compareNumbers } from '../../compare.ts'
import type { History, Observation } from '../../history.ts'
import type { SamplerContext, SamplerKind, SamplerSpec } from '../../sampler.ts'
import { proposeQuasiRandom } from '../quasi-random.ts'
import { proposeRandom } from '../random.ts'
import { type Acquisition, expectAll, expectFeasible, expectImprovement } from './acquisition.ts'
import { createEncoding, type Encoding } from './encoding.ts'
import { fitCovariance } from './fit-covariance.ts'
import { createProcess, type Process } from './regression.ts'
import { searchMaximum } from './search.ts'

export interface GaussianProcessSamplerOptions {
  /** Trials that must be complete before the first that is not quasi-random. Default 10. */
  readonly startupTrials?: number
  /** The most trials that are looked at: beyond it the best and the latest, half each. The time grows with its cube. Default 250. */
  readonly maxTrials?: number
}

const rules: OptionRules<Required<GaussianProcessSamplerOptions>> = {
  startupTrials: integerOption(10, 1, 1e9),
  maxTrials: integerOption(250, 2, 5000),
}

/**
 * A Gaussian process (Matérn 5/2, a length for each parameter) of the complete trials, and the point with the greatest log
 * expected improvement (Ament et al. 2023). Few trials go far where the objective is smooth. One objective; constraints have
 * processes of their own. Running trials count with the value that is expected of them. Throws a RangeError for wrong options.
 */
export const gaussianProcessSampler = (
  options: GaussianProcessSamplerOptions = {},
): SamplerSpec<'gaussianProcess'> => makeSpec('gaussianProcess', rules, options)

/** With mean 0 and variance 1; infinite ones take the place of the greatest or the least finite one. */
const standardize = (
  values: Float64Array,
): { readonly values: Float64Array; readonly rescale: (value: number) => number } => {
  const finite = values.filter(Number.isFinite)
  const least = finite.reduce((least, value) => Math.min(least, value), finite[0] ?? 0)
  const most = finite.reduce((most, value) => Math.max(most, value), finite[0] ?? 0)
  const cut = values.map((value) => Math.min(most, Math.max(least, value)))
  const mean = cut.reduce((sum, value) => sum + value / cut.length, 0)
  const variance = cut.reduce((sum, value) => sum + (value - mean) ** 2 / cut.length, 0)
  const rescale = (value: number): number => (value - mean) / (Math.sqrt(variance) || 1)
  return { values: cut.map(rescale), rescale }
}

/** The process of values at the points of complete trials, and at running ones of what it expects there. */
const createProcessOf = (
  encoding: Encoding,
  complete: readonly Float64Array[],
  values: Float64Array,
  running: readonly Float64Array[],
): Process => {
  const width = encoding.dimensions.length
  const { categorical } = encoding
  const join = (points: readonly Float64Array[]): Float64Array => {
    const coordinates = new Float64Array(points.length * width)
    points.forEach((point, index) => {
      coordinates.set(point, index * width)
    })
    return coordinates
  }
  const sample = { width, categorical, coordinates: join(complete), values }
  const covariance = fitCovariance(sample)
  const process = createProcess(sample, covariance)
  if (running.length === 0) return process
  return createProcess(
    {
      width,
      categorical,
      coordinates: join([...complete, ...running]),
      values: Float64Array.of(...values, ...running.map((point) => process.predict(point).mean)),
    },
    covariance,
  )
}

const keepTrials = (complete: readonly Observation[], most: number): readonly Observation[] => {
  if (complete.length <= most) return complete
  const latest = complete.slice(-Math.floor(most / 2))
  const earlier = complete.slice(0, -latest.length)
  const best = earlier
    .sort((a, b) => compareNumbers(a.violation, b.violation) || compareNumbers(a.losses[0], b.losses[0]))
    .slice(0, most - latest.length)
  return [...best, ...latest]
}

const createAcquisition = (
  encoding: Encoding,
  complete: readonly Observation[],
  running: readonly Float64Array[],
): { readonly acquisition: Acquisition; readonly incumbent: Float64Array | undefined } => {
  const points = complete.map(({ point }) => encoding.encode(point))
  const losses = standardize(Float64Array.from(complete, (own) => own.losses[0]))
  const feasible = [...complete.keys()].filter((index) => complete[index].violation === 0)
  const best = feasible.sort((a, b) => compareNumbers(losses.values[a], losses.values[b]))[0]
  const constraints = Math.max(...complete.map((own) => own.constraints.length))
  const parts: Acquisition[] = []
  if (best !== undefined)
    parts.push(
      expectImprovement(createProcessOf(encoding, points, losses.values, running), losses.values[best]),
    )
  for (let constraint = 0; constraint < constraints; constraint += 1) {
    // A trial without it is feasible: just so.
    const { values, rescale } = standardize(
      Float64Array.from(complete, (own) => own.constraints[constraint] ?? 0),
    )
    parts.push(expectFeasible(createProcessOf(encoding, points, values, running), rescale(0)))
  }
  return { acquisition: expectAll(parts), incumbent: best === undefined ? undefined : points[best] }
}

const checkObjectives = ({ objectives }: History): void => {
  if (objectives > 1)
    throw new RangeError(
      `the Gaussian process sampler takes one objective, not ${objectives}; use the TPE or the NSGA-II sampler`,
    )
}

export const gaussianProcessKind: SamplerKind = {
  kind: 'gaussianProcess',
  create(given) {
    const { startupTrials, maxTrials } = resolveOptions<Required<GaussianProcessSamplerOptions>>(
      'the Gaussian process sampler',
      rules,
      given,
    )
    return {
      propose(context: SamplerContext) {
        const { history, random } = context
        checkObjectives(history)
        const all = history.observations.filter(({ state }) => state === 'complete')
        if (all.length < startupTrials) return proposeQuasiRandom(context)
        const encoding = createEncoding(history.space)
        const running = history.observations
          .filter(({ state }) => state === 'running')
          .slice(-maxTrials)
          .map(({ point }) => encoding.encode(point))
        const { acquisition, incumbent } = createAcquisition(encoding, keepTrials(all, maxTrials), running)
        const tried = new Set(history.points.map((point) => point.join()))
        const joint = searchMaximum(
          encoding,
          acquisition,
          incumbent ? [incumbent] : [],
          (point) => tried.has(point.join()),
          random,
        )
        return { ...proposeRandom(history, random), joint }
      },
    }
  },
}
