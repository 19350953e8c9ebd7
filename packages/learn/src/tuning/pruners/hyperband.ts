import { integerOption, makeSpec, numberOption, type OptionRules, resolveOptions } from '../../options.ts'
import { createRandom } from '../../random.ts'
import type { PrunerKind, PrunerSpec } from '../pruner.ts'
import { drawIndex } from '../uniform.ts'
import { failsRungs, longestTrial, resourceOption } from './successive-halving.ts'

export interface HyperbandPrunerOptions {
  /** The least steps of a trial. Default 1. */
  readonly minResource?: number
  /** The most steps of a trial; 'auto' is those of the longest complete one, and prunes nothing before. Default 'auto'. */
  readonly maxResource?: number | 'auto'
  /** Default 3. */
  readonly reductionFactor?: number
  /** As in {@link successiveHalvingPruner}. Default 0. */
  readonly bootstrapCount?: number
}

const rules: OptionRules<Required<HyperbandPrunerOptions>> = {
  minResource: numberOption(1, { min: 1 }),
  maxResource: resourceOption('auto'),
  reductionFactor: numberOption(3, { min: 2, max: 1e6 }),
  bootstrapCount: integerOption(0, 0, 1e9),
}

/**
 * Hyperband (Li et al. 2018): successive halving in several brackets, of which each begins to prune later than the one before.
 * The number of a trial decides on its bracket; trials compete within theirs.
 */
export const hyperbandPruner = (options: HyperbandPrunerOptions = {}): PrunerSpec<'hyperband'> =>
  makeSpec('hyperband', rules, options)

/** How many trials a bracket has for each of the others': those that prune early need more. */
const bracketWeights = (brackets: number, factor: number): readonly number[] =>
  Array.from({ length: brackets }, (_, bracket) => {
    const halvings = brackets - 1 - bracket
    return Math.ceil((brackets * factor ** halvings) / (halvings + 1))
  })

export const hyperbandKind: PrunerKind = {
  kind: 'hyperband',
  create(given) {
    const { minResource, maxResource, reductionFactor, bootstrapCount } = resolveOptions<
      Required<HyperbandPrunerOptions>
    >('the Hyperband pruner', rules, given)
    if (maxResource !== 'auto' && maxResource < minResource)
      throw new RangeError(
        `the Hyperband pruner's maxResource must be at least its minResource ${minResource}, not ${maxResource}`,
      )
    return {
      shouldPrune(trial, trials) {
        const longest = longestTrial(trials)
        if (maxResource === 'auto' && longest === undefined) return false
        const most = Math.max(minResource, maxResource === 'auto' ? (longest ?? 0) + 1 : maxResource)
        // Whole powers must not fall short by a rounding error.
        const brackets = Math.floor(Math.log(most / minResource) / Math.log(reductionFactor) + 1e-9) + 1
        const weights = bracketWeights(brackets, reductionFactor)
        const total = weights.reduce((sum, weight) => sum + weight, 0)
        const bracketOf = (number: number): number => drawIndex(createRandom(number), weights, total)
        const bracket = bracketOf(trial.number)
        const rivals = trials.filter(({ number }) => bracketOf(number) === bracket)
        return failsRungs(
          trial,
          rivals,
          minResource * reductionFactor ** bracket,
          reductionFactor,
          bootstrapCount,
        )
      },
    }
  },
}
