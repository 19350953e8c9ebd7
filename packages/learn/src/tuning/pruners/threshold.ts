import { makeSpec, numberOption, type OptionRule, type OptionRules, resolveOptions } from '../../options.ts'
import { isDue, lastLossOf, type PrunerKind, type PrunerSpec } from '../pruner.ts'

export interface ThresholdPrunerOptions {
  /** A value below is pruned. Default none. */
  readonly lower?: number
  /** A value above is pruned. Default none. */
  readonly upper?: number
  /** No trial is pruned before this step. Default 0. */
  readonly warmupSteps?: number
  /** Steps between two decisions. Default 1. */
  readonly interval?: number
}

const boundOption =
  (standard: number): OptionRule<number> =>
  (name, value = standard) =>
    value === standard ? standard : numberOption(0)(name, value)

const rules: OptionRules<Required<ThresholdPrunerOptions>> = {
  lower: boundOption(-Infinity),
  upper: boundOption(Infinity),
  warmupSteps: numberOption(0, { min: 0 }),
  interval: numberOption(1, { above: 0 }),
}

/** Prunes a trial whose value is NaN, below `lower` or above `upper`, whatever the direction of the objective. */
export const thresholdPruner = (options: ThresholdPrunerOptions = {}): PrunerSpec<'threshold'> =>
  makeSpec('threshold', rules, options)

export const thresholdKind: PrunerKind = {
  kind: 'threshold',
  create(given) {
    const { lower, upper, warmupSteps, interval } = resolveOptions<Required<ThresholdPrunerOptions>>(
      'the threshold pruner',
      rules,
      given,
    )
    return {
      shouldPrune(trial, _, sign) {
        const value = sign * lastLossOf(trial)
        return isDue(trial, warmupSteps, interval) && !(value >= lower && value <= upper)
      },
    }
  },
}
