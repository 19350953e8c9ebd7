import { integerOption, makeSpec, numberOption, type OptionRules, resolveOptions } from '../../../options.ts'
import type { Random } from '../../../random.ts'
import { compareNumbers } from '../../compare.ts'
import { countValues } from '../../dimension.ts'
import type { Observation } from '../../history.ts'
import type { SamplerKind, SamplerSpec } from '../../sampler.ts'
import { fromShare, toShare } from '../../scale.ts'
import type { Space } from '../../space.ts'
import { drawNormal } from '../../uniform.ts'
import { tpeKind } from '../tpe/tpe.ts'
import { type Evolution, evolve, pointOf, startEvolution } from './evolution.ts'

export interface CmaEsSamplerOptions {
  /** Trials of a generation; 0 means 4 + 3 ln(number of parameters). Default 0. */
  readonly populationSize?: number
  /** The first step size, as a share of each range. Default 1/6. */
  readonly sigma?: number
}

const rules: OptionRules<Required<CmaEsSamplerOptions>> = {
  populationSize: integerOption(0, 0, 100_000),
  sigma: numberOption(1 / 6, { above: 0, max: 10 }),
}

/**
 * CMA-ES (Hansen 2016): a normal distribution over the numbers that always exist, which follows the better half of each
 * generation; categories and conditional parameters are drawn by TPE, each by itself. For many quick trials of an objective
 * with narrow valleys. One objective. Keep the `generation` of a suggestion with its trial. Throws a RangeError for wrong
 * options.
 */
export const cmaEsSampler = (options: CmaEsSamplerOptions = {}): SamplerSpec<'cmaEs'> =>
  makeSpec('cmaEs', rules, options)

/** Trials of a generation in the order of their numbers: as many as it takes, or undefined if there are not. */
const takeGeneration = (
  observations: readonly Observation[],
  generation: number,
  size: number,
): readonly Observation[] | undefined => {
  const own = observations.filter((trial) => trial.state === 'complete' && trial.generation === generation)
  return own.length < size ? undefined : own.slice(0, size)
}

const compareTrials = (a: Observation, b: Observation): number =>
  compareNumbers(a.violation, b.violation) || compareNumbers(a.losses[0], b.losses[0])

const drawInside = (evolution: Evolution, random: Random): Float64Array => {
  const size = evolution.mean.length
  for (let attempt = 0; attempt < 10 * size; attempt += 1) {
    const point = pointOf(
      evolution,
      Float64Array.from(evolution.mean, () => drawNormal(random)),
    )
    if (point.every((share) => share >= 0 && share <= 1)) return point
  }
  const point = pointOf(
    evolution,
    Float64Array.from(evolution.mean, () => drawNormal(random)),
  )
  return point.map((share) => Math.min(1, Math.max(0, share)))
}

const listNumbers = ({ dimensions }: Space): readonly number[] =>
  [...dimensions.keys()].filter((index) => {
    const dimension = dimensions[index]
    return !dimension.choices && dimension.parents.length === 0 && countValues(dimension) > 1
  })

export const cmaEsKind: SamplerKind = {
  kind: 'cmaEs',
  create(given) {
    const options = resolveOptions<Required<CmaEsSamplerOptions>>('the CMA-ES sampler', rules, given)
    const others = tpeKind.create({ joint: 'none' })
    return {
      propose(context) {
        const { history, random } = context
        const { space, objectives, observations } = history
        if (objectives > 1)
          throw new RangeError(
            `the CMA-ES sampler takes one objective, not ${objectives}; use the TPE or the NSGA-II sampler`,
          )
        const rest = others.propose(context)
        const indices = listNumbers(space)
        if (indices.length === 0 || !rest) return rest
        const size = options.populationSize || 4 + Math.floor(3 * Math.log(indices.length))
        let evolution = startEvolution(indices.length, options.sigma)
        for (;;) {
          const trials = takeGeneration(observations, evolution.generation, Math.max(2, size))
          if (!trials) break
          const points = [...trials]
            .sort(compareTrials)
            .map(({ point }) =>
              Float64Array.from(indices, (index) => toShare(space.dimensions[index], point[index])),
            )
          evolution = evolve(evolution, points)
        }
        const drawn = drawInside(evolution, random)
        const joint = new Float64Array(space.dimensions.length).fill(Number.NaN)
        indices.forEach((index, at) => {
          joint[index] = fromShare(space.dimensions[index], drawn[at])
        })
        return { ...rest, joint, generation: evolution.generation }
      },
    }
  },
}
