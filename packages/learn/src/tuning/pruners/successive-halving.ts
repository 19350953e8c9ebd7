import {
  integerOption,
  makeSpec,
  numberOption,
  type OptionRule,
  type OptionRules,
  resolveOptions,
} from '../../options.ts'
import { lastLossOf, lastStepOf, type PrunerKind, type PrunerSpec, type Reports } from '../pruner.ts'

export interface SuccessiveHalvingPrunerOptions {
  /**
   * The step of the first rung before it is multiplied; 'auto' is a hundredth of the longest complete trial, at least 1, and
   * prunes nothing before one is complete. Default 'auto'.
   */
  readonly minResource?: number | 'auto'
  /** One of so many trials goes on from each rung, to a rung so many times further. Default 4. */
  readonly reductionFactor?: number
  /** Rungs left out at the beginning. Default 0. */
  readonly minEarlyStoppingRate?: number
  /** Trials that a rung must have seen, with the one that arrives, before it lets any go on, if more than so many. Default 0. */
  readonly bootstrapCount?: number
}

export const resourceOption =
  (standard: number | 'auto'): OptionRule<number | 'auto'> =>
  (name, value = standard) => {
    if (value === 'auto' || (typeof value === 'number' && value >= 1 && value < Infinity)) return value
    throw new RangeError(`${name} must be a finite number ≥ 1 or 'auto', not ${JSON.stringify(value)}`)
  }

const rules: OptionRules<Required<SuccessiveHalvingPrunerOptions>> = {
  minResource: resourceOption('auto'),
  reductionFactor: numberOption(4, { min: 2, max: 1e6 }),
  minEarlyStoppingRate: integerOption(0, 0, 1000),
  bootstrapCount: integerOption(0, 0, 1e9),
}

/**
 * Asynchronous successive halving (Li et al. 2020, ASHA): of the trials that reached a rung, the best of every
 * `reductionFactor` go on, and of fewer only the best. Trials that ran before the first rung was known count, too.
 */
export const successiveHalvingPruner = (
  options: SuccessiveHalvingPrunerOptions = {},
): PrunerSpec<'successiveHalving'> => makeSpec('successiveHalving', rules, options)

/** The greatest last step of complete trials; undefined if none has reported. */
export const longestTrial = (trials: readonly Reports[]): number | undefined => {
  const complete = trials.filter(({ state, steps }) => state === 'complete' && steps.length > 0)
  return complete.length === 0
    ? undefined
    : complete.reduce((longest, trial) => Math.max(longest, lastStepOf(trial)), 0)
}

/** What decides on a rung: the loss of the first report at or after `resource`; NaN if there is none. */
const lossAtRung = ({ steps, losses }: Reports, resource: number): number =>
  losses[steps.findIndex((step) => step >= resource)] ?? Number.NaN

const isPromotable = (loss: number, competing: Float64Array, factor: number): boolean =>
  loss <= competing.sort()[Math.max(0, Math.floor(competing.length / factor) - 1)]

/** Whether a trial fails on any of the rungs that it has reached with its last report. */
export const failsRungs = (
  trial: Reports,
  trials: readonly Reports[],
  first: number,
  factor: number,
  bootstrapCount: number,
): boolean => {
  const step = lastStepOf(trial)
  const before = trial.steps.length > 1 ? trial.steps[trial.steps.length - 2] : -1
  const loss = lastLossOf(trial)
  for (let resource = first; resource <= step; resource *= factor) {
    if (before >= resource) continue
    if (Number.isNaN(loss)) return true
    const competing = Float64Array.from(trials, (other) => lossAtRung(other, resource)).filter(
      (other) => !Number.isNaN(other),
    )
    if (competing.length <= bootstrapCount || !isPromotable(loss, competing, factor)) return true
  }
  return false
}

export const successiveHalvingKind: PrunerKind = {
  kind: 'successiveHalving',
  create(given) {
    const { minResource, reductionFactor, minEarlyStoppingRate, bootstrapCount } = resolveOptions<
      Required<SuccessiveHalvingPrunerOptions>
    >('the successive halving pruner', rules, given)
    return {
      shouldPrune(trial, trials) {
        const longest = longestTrial(trials)
        if (minResource === 'auto' && longest === undefined) return false
        const least = minResource === 'auto' ? Math.max(1, Math.floor((longest ?? 0) / 100)) : minResource
        const first = least * reductionFactor ** minEarlyStoppingRate
        return failsRungs(trial, trials, first, reductionFactor, bootstrapCount)
      },
    }
  },
}
