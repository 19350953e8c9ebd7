import type { TrialState } from './trial.ts'

/** Which pruner a study uses, as plain data. */
export interface PrunerSpec<K extends string = string> {
  readonly kind: K
  readonly options: Readonly<Record<string, unknown>>
}

/** What a trial reported, as pruners see it. */
export interface Reports {
  readonly number: number
  readonly state: TrialState
  /** Ascending and different. */
  readonly steps: Float64Array
  /** The value at each step, to be minimized; may be NaN. */
  readonly losses: Float64Array
}

/** Decides whether a trial that has just reported should stop. It has no state. */
export interface Pruner {
  /**
   * `trial` has reported at least once; `trials` are all of the study, this one too. `sign` × a loss is the value that was
   * reported.
   */
  readonly shouldPrune: (trial: Reports, trials: readonly Reports[], sign: number) => boolean
}

export interface PrunerKind {
  readonly kind: string
  /** Throws a RangeError that names an option that is wrong. `createPruner` makes pruners that the options name. */
  readonly create: (options: PrunerSpec['options'], createPruner: (spec: PrunerSpec) => Pruner) => Pruner
}

/** The last step of a trial that reported. */
export const lastStepOf = ({ steps }: Reports): number => steps[steps.length - 1]

/** The loss at the last step of a trial that reported. */
export const lastLossOf = ({ losses }: Reports): number => losses[losses.length - 1]

/** The least of the losses, of those that are numbers; NaN if none is. */
export const leastLoss = (losses: Float64Array): number => {
  let least = Number.NaN
  for (const loss of losses) if (Number.isNaN(least) || loss < least) least = loss
  return least
}

/** Whether the last report is due: the first one at or after `warmup` + a multiple of `interval`. */
export const isDue = ({ steps }: Reports, warmup: number, interval: number): boolean => {
  const last = steps[steps.length - 1]
  if (last < warmup) return false
  const due = Math.floor((last - warmup) / interval) * interval + warmup
  return steps.length === 1 || steps[steps.length - 2] < due
}
