import type { TrialParameters } from './parameter.ts'

export type Direction = 'minimize' | 'maximize'

/** `failed` trials say nothing about their parameters; `pruned` ones were stopped early because they looked bad. */
export type TrialState = 'running' | 'complete' | 'pruned' | 'failed'

/** What a trial reported on its way. */
export interface IntermediateValue {
  /** How far the trial had come; not negative. */
  readonly step: number
  /** The first objective there; may be NaN. */
  readonly value: number
}

/** A trial of a study as plain data: all that samplers and pruners know of it. */
export interface Trial {
  /** Which trial of its study; numbers grow in the order in which the trials were asked for. */
  readonly number: number
  readonly state: TrialState
  readonly parameters: TrialParameters
  /** One for each objective; a complete trial has them. */
  readonly values?: readonly number[]
  readonly intermediateValues?: readonly IntermediateValue[]
  /** The trial is feasible if none is above 0; without constraints it is. */
  readonly constraints?: readonly number[]
  /** The generation that came with the parameters, where the sampler has generations. */
  readonly generation?: number
}
