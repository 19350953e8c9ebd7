import {
  integerOption,
  makeSpec,
  numberOption,
  type OptionRule,
  type OptionRules,
  resolveOptions,
} from '../../options.ts'
import { leastLoss, type PrunerKind, type PrunerSpec } from '../pruner.ts'

export interface PatiencePrunerOptions {
  /** Reports without a better value that are borne. Default 5. */
  readonly patience?: number
  /** How much worse than before the best of the last reports must be. Default 0. */
  readonly minDelta?: number
  /** The pruner that then decides; default none, and the trial is pruned. */
  readonly pruner?: PrunerSpec | null
}

const prunerOption: OptionRule<PrunerSpec | null> = (name, value = null) => {
  const isSpec = typeof value === 'object' && value !== null && 'kind' in value && 'options' in value
  if (value !== null && !isSpec)
    throw new RangeError(`${name} must be a pruner, not ${JSON.stringify(value)}`)
  return value as PrunerSpec | null
}

const rules: OptionRules<Required<PatiencePrunerOptions>> = {
  patience: integerOption(5, 0, 1e9),
  minDelta: numberOption(0, { min: 0 }),
  pruner: prunerOption,
}

/** Prunes a trial whose last `patience` + 1 reports are all worse than the best before them. */
export const patiencePruner = (options: PatiencePrunerOptions = {}): PrunerSpec<'patience'> =>
  makeSpec('patience', rules, options)

export const patienceKind: PrunerKind = {
  kind: 'patience',
  create(given, createPruner) {
    const { patience, minDelta, pruner } = resolveOptions<Required<PatiencePrunerOptions>>(
      'the patience pruner',
      rules,
      given,
    )
    const next = pruner && createPruner(pruner)
    return {
      shouldPrune(trial, trials, sign) {
        const begin = trial.losses.length - patience - 1
        if (begin <= 0) return false
        const before = leastLoss(trial.losses.subarray(0, begin))
        const since = leastLoss(trial.losses.subarray(begin))
        return before + minDelta < since && (next?.shouldPrune(trial, trials, sign) ?? true)
      },
    }
  },
}
