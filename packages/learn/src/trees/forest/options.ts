import {
  flagOption,
  integerOption,
  numberOption,
  type OptionRule,
  type OptionRules,
  seedOption,
} from '../../options.ts'
import { limitOption } from '../option-rules.ts'

/** Named as in scikit-learn, with its defaults, unless it says otherwise. */
export interface ForestOptions {
  /** Number of trees. Default 100. */
  readonly nEstimators?: number
  /** Longest path from root to leaf; null: no limit. Default null. */
  readonly maxDepth?: number | null
  /** Fewest rows that a node needs to be split. Default 2. */
  readonly minSamplesSplit?: number
  /** Fewest rows in a leaf, whatever their weight and however often they were drawn. Default 1. */
  readonly minSamplesLeaf?: number
  /**
   * Columns tried at a node: 'sqrt' or 'log2' of their number, a count, a share below 1, or null for all. More are
   * tried until one gives a split. Default 'sqrt' for classes, null for numbers.
   */
  readonly maxFeatures?: 'sqrt' | 'log2' | number | null
  /** The impurity that a split must take away, as a share of all rows' weight times impurity. Default 0. */
  readonly minImpurityDecrease?: number
  /** Draw rows with replacement; false: every tree sees all. Default true for random forests, false for extra trees. */
  readonly bootstrap?: boolean
  /** Rows that bootstrap draws, as a share of all, (0, 1]. Default 1. */
  readonly maxSamples?: number
  /** Most bins of a column of numbers, missing values not counted, 2 … 255. Default 255 (scikit-learn: no bins). */
  readonly maxBins?: number
  /** Of all draws. Default 0. */
  readonly seed?: number
}

const maxFeaturesOption =
  (standard: 'sqrt' | null): OptionRule<'sqrt' | 'log2' | number | null> =>
  (name, value = standard) => {
    if (value === null || value === 'sqrt' || value === 'log2') return value
    if (typeof value === 'number' && ((value > 0 && value < 1) || (Number.isInteger(value) && value >= 1)))
      return value
    throw new RangeError(
      `${name} must be 'sqrt', 'log2', a count >= 1, a share > 0 and < 1, or null, not ${JSON.stringify(value)}`,
    )
  }

export const forestRules = (defaults: {
  readonly maxFeatures: 'sqrt' | null
  readonly bootstrap: boolean
}): OptionRules<Required<ForestOptions>> => ({
  nEstimators: integerOption(100, 1, 100_000),
  maxDepth: limitOption(null, 1, 100_000),
  minSamplesSplit: integerOption(2, 2, 2 ** 31 - 1),
  minSamplesLeaf: integerOption(1, 1, 2 ** 31 - 1),
  maxFeatures: maxFeaturesOption(defaults.maxFeatures),
  minImpurityDecrease: numberOption(0, { min: 0 }),
  bootstrap: flagOption(defaults.bootstrap),
  maxSamples: numberOption(1, { above: 0, max: 1 }),
  maxBins: integerOption(255, 2, 255),
  seed: seedOption,
})

/** How many columns are tried at a node. */
export const countTried = (option: Required<ForestOptions>['maxFeatures'], features: number): number => {
  if (option === null) return features
  if (option === 'sqrt') return Math.max(1, Math.floor(Math.sqrt(features)))
  if (option === 'log2') return Math.max(1, Math.floor(Math.log2(features)))
  return Math.min(features, option < 1 ? Math.max(1, Math.floor(option * features)) : option)
}
