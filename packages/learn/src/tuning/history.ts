import type { SearchSpace } from './parameter.ts'
import { readSpace, type Space, toPoint } from './space.ts'
import type { Direction, IntermediateValue, Trial, TrialState } from './trial.ts'

/** A trial as samplers see it. */
export interface Observation {
  readonly number: number
  readonly state: TrialState
  /** A number for each dimension, NaN where that does not exist in the trial. */
  readonly point: Float64Array
  /** The objectives, all to be minimized; empty unless the trial is complete. */
  readonly losses: Float64Array
  /** Feasible if none is above 0. */
  readonly constraints: readonly number[]
  /** By how much the constraints are violated in all; 0 if the trial is feasible. */
  readonly violation: number
  /** The last intermediate value, to be minimized; Infinity if it is NaN. Undefined if there is none. */
  readonly last: { readonly step: number; readonly loss: number } | undefined
  readonly generation: number | undefined
}

/** What is known when parameters are asked for. */
export interface History {
  readonly space: Space
  readonly objectives: number
  /** The trials in the order of their numbers, without failed ones. */
  readonly observations: readonly Observation[]
  /** The points of all trials, failed ones too. */
  readonly points: readonly Float64Array[]
}

const directions: readonly Direction[] = ['minimize', 'maximize']

/** 1 for an objective to minimize, -1 for one to maximize. Throws a RangeError for anything else, and for none. */
export const readSigns = (given: readonly Direction[]): readonly number[] => {
  if (given.length === 0) throw new RangeError('a study needs at least one objective')
  return given.map((direction) => {
    if (!directions.includes(direction))
      throw new RangeError(`an objective's direction is minimize or maximize, not '${direction}'`)
    return direction === 'minimize' ? 1 : -1
  })
}

/** The objectives of a complete trial, to be minimized. Throws a RangeError for values that cannot be. */
export const readLosses = (
  { number, values = [] }: Pick<Trial, 'number' | 'values'>,
  signs: readonly number[],
): Float64Array => {
  if (values.length !== signs.length)
    throw new RangeError(
      `trial ${number} has ${values.length} values; the study has ${signs.length} objectives`,
    )
  const wrong = values.findIndex((value) => typeof value !== 'number' || Number.isNaN(value))
  if (wrong !== -1)
    throw new RangeError(
      `trial ${number} is complete and has ${values[wrong]} as value ${wrong}; call it failed`,
    )
  return Float64Array.from(values, (value, index) => signs[index] * value)
}

const readConstraints = ({ number, constraints = [] }: Trial): readonly number[] => {
  const wrong = constraints.find((value) => typeof value !== 'number' || Number.isNaN(value))
  if (wrong !== undefined)
    throw new RangeError(`trial ${number} has ${wrong} as a constraint; it must be a number`)
  return constraints
}

/** The intermediate value of the greatest step. Throws a RangeError for a step that cannot be. */
const readLast = (
  number: number,
  values: readonly IntermediateValue[],
  sign: number,
): Observation['last'] => {
  let last: IntermediateValue | undefined
  for (const value of values) {
    if (!(value.step >= 0 && value.step < Infinity))
      throw new RangeError(
        `trial ${number} reported at step ${value.step}; steps are finite and not negative`,
      )
    if (!last || value.step >= last.step) last = value
  }
  if (!last) return undefined
  return { step: last.step, loss: Number.isNaN(last.value) ? Infinity : sign * last.value }
}

const readObservation = (trial: Trial, point: Float64Array, signs: readonly number[]): Observation => {
  const { number, state, intermediateValues = [], generation } = trial
  const constraints = readConstraints(trial)
  return {
    number,
    state,
    point,
    losses: state === 'complete' ? readLosses(trial, signs) : new Float64Array(0),
    constraints,
    violation: constraints.reduce((sum, value) => sum + Math.max(0, value), 0),
    last: readLast(number, intermediateValues, signs[0]),
    generation,
  }
}

const readPoint = (space: Space, { number, parameters }: Trial): Float64Array => {
  try {
    return toPoint(space, parameters)
  } catch (error) {
    throw new RangeError(`trial ${number}: ${(error as Error).message}`, { cause: error })
  }
}

const states: readonly TrialState[] = ['running', 'complete', 'pruned', 'failed']

const checkNumbers = (trials: readonly Trial[]): void => {
  const seen = new Set<number>()
  for (const { number, state, generation = 0 } of trials) {
    if (!Number.isSafeInteger(number) || number < 0)
      throw new RangeError(`a trial has the number ${number}; it must be an integer ≥ 0`)
    if (seen.has(number)) throw new RangeError(`there are two trials with the number ${number}`)
    if (!states.includes(state))
      throw new RangeError(`trial ${number} has the state '${state}'; there are ${states.join(', ')}`)
    if (!Number.isSafeInteger(generation) || generation < 0 || generation > number)
      throw new RangeError(
        `trial ${number} has the generation ${generation}; it must be an integer from 0 to ${number}`,
      )
    seen.add(number)
  }
}

/** Checks the trials of a study. Throws a RangeError that names the trial or the parameter and what is wrong with it. */
export const readHistory = (
  searchSpace: SearchSpace,
  directionsGiven: readonly Direction[],
  trials: readonly Trial[],
): History => {
  const space = readSpace(searchSpace)
  const signs = readSigns(directionsGiven)
  checkNumbers(trials)
  const sorted = [...trials].sort((a, b) => a.number - b.number)
  const points = sorted.map((trial) => readPoint(space, trial))
  const observations = sorted.flatMap((trial, index) =>
    trial.state === 'failed' ? [] : [readObservation(trial, points[index], signs)],
  )
  return { space, objectives: signs.length, observations, points }
}

/** Trials that are over and say something: complete or pruned. */
export const isFinished = ({ state }: Observation): boolean => state === 'complete' || state === 'pruned'
