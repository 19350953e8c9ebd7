import { integerOption, makeSpec, numberOption, type OptionRules, resolveOptions } from '../../options.ts'
import { findQuantiles } from '../../quantiles.ts'
import {
  isDue,
  lastStepOf,
  leastLoss,
  type Pruner,
  type PrunerKind,
  type PrunerSpec,
  type Reports,
} from '../pruner.ts'

export interface MedianPrunerOptions {
  /** Trials that must be complete before any is pruned. Default 5. */
  readonly startupTrials?: number
  /** No trial is pruned before this step. Default 0. */
  readonly warmupSteps?: number
  /** Steps between two decisions. Default 1. */
  readonly interval?: number
  /** Complete trials that must have reported at the step. Default 1. */
  readonly minTrials?: number
}

export interface PercentilePrunerOptions extends MedianPrunerOptions {
  /** The best part of the trials, in percent, that goes on. Default 25. */
  readonly percentile?: number
}

const medianRules: OptionRules<Required<MedianPrunerOptions>> = {
  startupTrials: integerOption(5, 0, 1e9),
  warmupSteps: numberOption(0, { min: 0 }),
  interval: numberOption(1, { above: 0 }),
  minTrials: integerOption(1, 1, 1e9),
}
const percentileRules: OptionRules<Required<PercentilePrunerOptions>> = {
  ...medianRules,
  percentile: numberOption(25, { min: 0, max: 100 }),
}

/** Prunes a trial whose best value so far is worse than the median of complete trials at the same step. */
export const medianPruner = (options: MedianPrunerOptions = {}): PrunerSpec<'median'> =>
  makeSpec('median', medianRules, options)

/** Prunes a trial whose best value so far is not among the best `percentile` % of complete trials at the same step. */
export const percentilePruner = (options: PercentilePrunerOptions = {}): PrunerSpec<'percentile'> =>
  makeSpec('percentile', percentileRules, options)

const lossAt = ({ steps, losses }: Reports, step: number): number => losses[steps.indexOf(step)] ?? Number.NaN

const createPercentile = ({
  percentile,
  startupTrials,
  warmupSteps,
  interval,
  minTrials,
}: Required<PercentilePrunerOptions>): Pruner => ({
  shouldPrune(trial, trials) {
    const complete = trials.filter(({ state }) => state === 'complete')
    if (complete.length === 0 || complete.length < startupTrials) return false
    if (!isDue(trial, warmupSteps, interval)) return false
    const best = leastLoss(trial.losses)
    if (Number.isNaN(best)) return true
    const step = lastStepOf(trial)
    const reported = complete.filter(({ steps }) => steps.includes(step))
    if (reported.length < minTrials) return false
    const losses = reported.map((other) => lossAt(other, step))
    // Nothing is greater than the NaN of no numbers.
    return best > findQuantiles(losses, [percentile / 100])[0]
  },
})

export const medianKind: PrunerKind = {
  kind: 'median',
  create: (options) =>
    createPercentile({ ...resolveOptions('the median pruner', medianRules, options), percentile: 50 }),
}

export const percentileKind: PrunerKind = {
  kind: 'percentile',
  create: (options) => createPercentile(resolveOptions('the percentile pruner', percentileRules, options)),
}
