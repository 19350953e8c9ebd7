/** A value that a categorical parameter can have. */
export type Choice = string | number | boolean | null

/** The parameter exists only in trials where every parameter named here exists and has one of these values. */
export type Condition = Readonly<Record<string, readonly Choice[]>>

export interface FloatParameter {
  readonly kind: 'float'
  readonly low: number
  /** Included. */
  readonly high: number
  /** Values are low, low + step, … up to `high`. Not together with `log`. */
  readonly step?: number
  /** Search the logarithm; `low` must be positive. */
  readonly log?: boolean
  readonly when?: Condition
}

export interface IntParameter {
  readonly kind: 'int'
  readonly low: number
  /** Included. */
  readonly high: number
  /** Values are low, low + step, … up to `high`. Default 1; not together with `log`. */
  readonly step?: number
  /** Search the logarithm; `low` must be at least 1. */
  readonly log?: boolean
  readonly when?: Condition
}

export interface CategoricalParameter {
  readonly kind: 'categorical'
  readonly choices: readonly Choice[]
  readonly when?: Condition
}

export type Parameter = FloatParameter | IntParameter | CategoricalParameter

/** What can be chosen in a study: parameters by their names. */
export type SearchSpace = Readonly<Record<string, Parameter>>

/** The parameters of a trial: a value for each that exists in it. */
export type TrialParameters = Readonly<Record<string, Choice>>
