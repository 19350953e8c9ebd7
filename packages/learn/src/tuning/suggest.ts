import { seedOption } from '../options.ts'
import { createRandom } from '../random.ts'
import { nearestValue } from './dimension.ts'
import { readHistory } from './history.ts'
import type { SearchSpace, TrialParameters } from './parameter.ts'
import type { Proposal, SamplerSpec } from './sampler.ts'
import { findSampler } from './samplers.ts'
import { fromPoint, isActive, type Space } from './space.ts'
import type { Direction, Trial } from './trial.ts'

/** What a study searches, and how, as plain data. */
export interface StudySpec {
  readonly space: SearchSpace
  /** Of each objective. */
  readonly directions: readonly Direction[]
  readonly sampler: SamplerSpec
  /** Any 32-bit integer. */
  readonly seed: number
}

export interface Suggestion {
  readonly parameters: TrialParameters
  /** To be kept with the trial if it is there. */
  readonly generation?: number
}

const completePoint = ({ dimensions }: Space, { joint, drawAlone }: Proposal): Float64Array => {
  const point = new Float64Array(dimensions.length).fill(Number.NaN)
  dimensions.forEach((dimension, index) => {
    if (isActive(dimension, point))
      point[index] = nearestValue(dimension, Number.isNaN(joint[index]) ? drawAlone(index) : joint[index])
  })
  return point
}

/**
 * The parameters that trial `number` should try, given the other trials; null when there is nothing left to try. The same for
 * the same arguments: a study goes on after a crash if its trials were kept. Trials that are running count: tell them before
 * you ask for the next. Throws a RangeError that names the parameter, the trial or the option that is wrong.
 */
export const suggestParameters = (
  { space, directions, sampler, seed }: StudySpec,
  trials: readonly Trial[],
  number: number,
): Suggestion | null => {
  const history = readHistory(space, directions, trials)
  seedOption("the study's seed", seed)
  if (!Number.isSafeInteger(number) || number < 0)
    throw new RangeError(`a trial's number must be an integer ≥ 0, not ${number}`)
  if (trials.some((trial) => trial.number === number))
    throw new RangeError(`there is a trial with the number ${number}; ask for the next`)
  const random = createRandom(seed, number + 1)
  const proposal = findSampler(sampler.kind)
    .create(sampler.options)
    .propose({ history, number, seed, random })
  if (!proposal) return null
  const { generation } = proposal
  return {
    parameters: fromPoint(history.space, completePoint(history.space, proposal)),
    ...(generation !== undefined && { generation }),
  }
}

/** Throws a RangeError that names what is wrong with a study: its space, its directions, or its sampler for them. */
export const checkStudy = (study: StudySpec): void => {
  suggestParameters(study, [], 0)
}
