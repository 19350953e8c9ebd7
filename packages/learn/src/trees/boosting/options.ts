import { choiceOption, integerOption, numberOption, type OptionRules, seedOption } from '../../options.ts'
import { limitOption, monotoneOption } from '../option-rules.ts'

/** Named as in scikit-learn's HistGradientBoosting, with its defaults, unless it says otherwise. */
export interface BoostingOptions {
  /** Number of iterations (scikit-learn: max_iter); softmax grows a tree for each class in each. Default 100. */
  readonly nEstimators?: number
  /** Each tree's part in the sum, (0, 1]. Default 0.1. */
  readonly learningRate?: number
  /** Most leaves of a tree, 2 … 32 768; null: no limit. Default 31. */
  readonly maxLeafNodes?: number | null
  /** Longest path from root to leaf; null: no limit. Default null. */
  readonly maxDepth?: number | null
  /**
   * Which leaf is split next where maxLeafNodes limits them: the one that gains most, or that of the highest
   * level. Default 'leafWise' (as scikit-learn and LightGBM; XGBoost's is 'depthWise').
   */
  readonly growth?: 'leafWise' | 'depthWise'
  /** Fewest rows in a leaf, whatever their weight. Default 20. */
  readonly minSamplesLeaf?: number
  /** Least sum of hessians in a leaf (LightGBM's min_sum_hessian_in_leaf). Default 0.001. */
  readonly minChildWeight?: number
  /** A split must gain more, measured as in `gain` of the trees (LightGBM's min_gain_to_split). Default 0. */
  readonly minSplitGain?: number
  /** L2 penalty of the leaves' values. Default 0. */
  readonly l2Regularization?: number
  /** Most bins of a column of numbers, missing values not counted, 2 … 255. Default 255. */
  readonly maxBins?: number
  /** Share of the rows that each tree draws, without replacement, (0, 1]. Default 1. */
  readonly subsample?: number
  /** Share of the columns that each tree draws, (0, 1] (XGBoost's). Default 1. */
  readonly colsampleBytree?: number
  /** 1: the prediction must not fall when the column rises; -1: not rise. By column. Default none. */
  readonly monotonicCst?: Readonly<Record<string, -1 | 0 | 1>>
  /**
   * Added to the hessian of a category when categories are put in order, and the rows that a category must have in a
   * node to take part (LightGBM's cat_smooth). Default 10.
   */
  readonly catSmooth?: number
  /** Added to l2Regularization for splits by category (LightGBM's cat_l2). Default 10. */
  readonly catL2?: number
  /**
   * With validation rows: iterations without a better loss before the fit ends. The model keeps the trees up to the
   * best loss (scikit-learn keeps all). Default 10.
   */
  readonly nIterNoChange?: number
  /** By how much a loss must be smaller to be better. Default 1e-7. */
  readonly tol?: number
  /** Of the draws of subsample and colsampleBytree, and of the rows that bins are made from. Default 0. */
  readonly seed?: number
}

export const boostingRules: OptionRules<Required<BoostingOptions>> = {
  nEstimators: integerOption(100, 1, 100_000),
  learningRate: numberOption(0.1, { above: 0, max: 1 }),
  maxLeafNodes: limitOption(31, 2, 32_768),
  maxDepth: limitOption(null, 1, 1000),
  growth: choiceOption<'leafWise' | 'depthWise'>('leafWise', ['leafWise', 'depthWise']),
  minSamplesLeaf: integerOption(20, 1, 2 ** 31 - 1),
  minChildWeight: numberOption(1e-3, { min: 0 }),
  minSplitGain: numberOption(0, { min: 0 }),
  l2Regularization: numberOption(0, { min: 0 }),
  maxBins: integerOption(255, 2, 255),
  subsample: numberOption(1, { above: 0, max: 1 }),
  colsampleBytree: numberOption(1, { above: 0, max: 1 }),
  monotonicCst: monotoneOption,
  catSmooth: numberOption(10, { min: 0 }),
  catL2: numberOption(10, { min: 0 }),
  nIterNoChange: integerOption(10, 1, 100_000),
  tol: numberOption(1e-7, { min: 0 }),
  seed: seedOption,
}
