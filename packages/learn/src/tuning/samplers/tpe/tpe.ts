import {
  choiceOption,
  integerOption,
  makeSpec,
  type OptionRule,
  type OptionRules,
  resolveOptions,
} from '../../../options.ts'
import type { Random } from '../../../random.ts'
import { countValues } from '../../dimension.ts'
import { type History, isFinished, type Observation } from '../../history.ts'
import type { SamplerKind, SamplerSpec } from '../../sampler.ts'
import { proposeRandom } from '../random.ts'
import { createMixture, type Mixture, weighByAge } from './mixture.ts'
import { splitTrials, type TrialSplit } from './split.ts'

export interface TpeSamplerOptions {
  /** Trials that must be finished before the first that is not random. Default 10. */
  readonly startupTrials?: number
  /** Points drawn, of which the most promising one is taken. Default 24. */
  readonly candidates?: number
  /**
   * Which parameters are chosen together: 'all' that every finished trial has, 'groups' of those that always appear together,
   * or 'none'. Default 'all' for one objective, 'none' for several.
   */
  readonly joint?: 'all' | 'groups' | 'none'
}

const jointOption: OptionRule<TpeSamplerOptions['joint']> = (name, value) =>
  value === undefined ? undefined : choiceOption('all', ['all', 'groups', 'none'])(name, value)

const rules: OptionRules<TpeSamplerOptions> = {
  startupTrials: integerOption(10, 0, 1e9),
  candidates: integerOption(24, 1, 100_000),
  joint: jointOption,
}

/**
 * Tree-structured Parzen estimator (Bergstra et al. 2011; Watanabe 2023), with the rules of Optuna 5: a density of the good
 * trials and one of the others, and the candidate where their ratio is greatest. Takes everything: conditions, categories,
 * pruned and running trials, constraints and several objectives. Throws a RangeError for wrong options.
 */
export const tpeSampler = (options: TpeSamplerOptions = {}): SamplerSpec<'tpe'> =>
  makeSpec('tpe', rules, options)

const estimate = (
  { space, objectives }: History,
  trials: readonly Observation[],
  indices: readonly number[],
  part: keyof TrialSplit,
): Mixture => {
  const whole = trials.filter(({ point }) => indices.every((index) => !Number.isNaN(point[index])))
  const columns = indices.map((index) => Float64Array.from(whole, ({ point }) => point[index]))
  const weights =
    part === 'below' && objectives > 1 ? new Float64Array(whole.length).fill(1) : weighByAge(whole.length)
  return createMixture(
    indices.map((index) => space.dimensions[index]),
    columns,
    weights,
  )
}

/** The densities of the good trials and of the others over some dimensions. */
export const estimateDensities = (
  history: History,
  { below, above }: TrialSplit,
  indices: readonly number[],
): { readonly below: Mixture; readonly above: Mixture } => ({
  below: estimate(history, below, indices, 'below'),
  above: estimate(history, above, indices, 'above'),
})

const choosePoint = (
  history: History,
  split: TrialSplit,
  indices: readonly number[],
  candidates: number,
  random: Random,
): Float64Array => {
  const { below, above } = estimateDensities(history, split, indices)
  let best: Float64Array = new Float64Array(indices.length)
  let highest = -Infinity
  for (let candidate = 0; candidate < candidates; candidate += 1) {
    const point = below.draw(random)
    const score = below.logDensity(point) - above.logDensity(point)
    if (candidate === 0 || score > highest) {
      highest = score
      best = point
    }
  }
  return best
}

/** Sets of dimensions that are chosen together; those of one value are left out. */
const listJoint = (
  { space, observations }: History,
  joint: 'all' | 'groups' | 'none',
): readonly (readonly number[])[] => {
  if (joint === 'none') return []
  const finished = observations.filter(isFinished)
  const groups = new Map<string, number[]>()
  space.dimensions.forEach((dimension, index) => {
    if (countValues(dimension) === 1) return
    const presence = finished.map(({ point }) => (Number.isNaN(point[index]) ? '0' : '1')).join('')
    if (joint === 'all' ? presence.includes('0') : !presence.includes('1')) return
    groups.set(presence, [...(groups.get(presence) ?? []), index])
  })
  return [...groups.values()]
}

export const tpeKind: SamplerKind = {
  kind: 'tpe',
  create(given) {
    const options = resolveOptions<TpeSamplerOptions>('the TPE sampler', rules, given)
    const { startupTrials = 10, candidates = 24 } = options
    return {
      propose({ history, random }) {
        const { space, objectives, observations } = history
        const uninformed = proposeRandom(history, random)
        if (observations.filter(isFinished).length < startupTrials) return uninformed
        const split = splitTrials(observations, objectives)
        const { joint } = uninformed
        for (const indices of listJoint(history, options.joint ?? (objectives === 1 ? 'all' : 'none'))) {
          const values = choosePoint(history, split, indices, candidates, random)
          indices.forEach((index, at) => {
            joint[index] = values[at]
          })
        }
        return {
          joint,
          drawAlone: (index) =>
            countValues(space.dimensions[index]) === 1
              ? space.dimensions[index].low
              : choosePoint(history, split, [index], candidates, random)[0],
        }
      },
    }
  },
}
