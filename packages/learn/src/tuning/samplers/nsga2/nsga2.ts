import { integerOption, makeSpec, numberOption, type OptionRules, resolveOptions } from '../../../options.ts'
import type { Observation } from '../../history.ts'
import type { SamplerKind, SamplerSpec } from '../../sampler.ts'
import { drawUniform } from '../../uniform.ts'
import { proposeRandom } from '../random.ts'
import { drawParent, selectElite } from './population.ts'

export interface Nsga2SamplerOptions {
  /** Trials of a generation, and those of all before that are kept. Default 50. */
  readonly populationSize?: number
  /** How likely a trial has two parents. Default 0.9. */
  readonly crossover?: number
  /** How likely a parameter of two parents comes from the second. Default 0.5. */
  readonly swap?: number
  /** How likely a parameter is drawn anew; 0 means 1 / the number of parameters. Default 0. */
  readonly mutation?: number
}

const rules: OptionRules<Required<Nsga2SamplerOptions>> = {
  populationSize: integerOption(50, 2, 100_000),
  crossover: numberOption(0.9, { min: 0, max: 1 }),
  swap: numberOption(0.5, { min: 0, max: 1 }),
  mutation: numberOption(0, { min: 0, max: 1 }),
}

/**
 * The genetic algorithm NSGA-II (Deb et al. 2002) for several objectives and many trials: each generation descends from the
 * trials that no other dominates, spread along the front. Keep the `generation` of a suggestion with its trial. Throws a
 * RangeError for wrong options.
 */
export const nsga2Sampler = (options: Nsga2SamplerOptions = {}): SamplerSpec<'nsga2'> =>
  makeSpec('nsga2', rules, options)

/** Complete trials by generation; those that came from elsewhere belong to the first. */
const listGenerations = (observations: readonly Observation[]): readonly (readonly Observation[])[] => {
  const generations: Observation[][] = []
  for (const trial of observations) {
    if (trial.state !== 'complete') continue
    const { generation = 0 } = trial
    while (generations.length <= generation) generations.push([])
    generations[generation].push(trial)
  }
  return generations
}

export const nsga2Kind: SamplerKind = {
  kind: 'nsga2',
  create(given) {
    const { populationSize, crossover, swap, mutation } = resolveOptions<Required<Nsga2SamplerOptions>>(
      'the NSGA-II sampler',
      rules,
      given,
    )
    return {
      propose({ history, random }) {
        const uninformed = proposeRandom(history, random)
        const generations = listGenerations(history.observations)
        const last = generations.at(-1) ?? []
        const finished = last.length < populationSize ? generations.slice(0, -1) : generations
        if (finished.length === 0) return { ...uninformed, generation: 0 }
        let parents: readonly Observation[] = []
        for (const generation of finished) parents = selectElite([...parents, ...generation], populationSize)
        const first = drawParent(random, parents).point
        const second = drawUniform(random) < crossover ? drawParent(random, parents).point : first
        const rate = mutation || 1 / first.length
        const joint = first.map((value, index) => {
          const own = drawUniform(random) < swap ? second[index] : value
          const inherited = Number.isNaN(own) ? (Number.isNaN(value) ? second[index] : value) : own
          return drawUniform(random) < rate ? Number.NaN : inherited
        })
        return { ...uninformed, joint, generation: finished.length }
      },
    }
  },
}
