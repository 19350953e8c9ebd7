import type { Frame } from '../frame.ts'
import { fitPreprocessor, type Preprocessor } from '../preprocessing/preprocessor.ts'
import { checkTrainingTarget } from '../target.ts'
import { type BinnedTable, binFrame } from './binned.ts'
import { averageImportance, joinTrees } from './forest.ts'
import { createTreeGrower } from './grow-tree.ts'
import type { ForestModel } from './model.ts'
import { type ForestOptions, type ForestRules, resolveOptions } from './options.ts'
import type { Tree } from './tree.ts'

/** Everything that growing the trees needs, and nothing that depends on how they are grown. */
export type PreparedForest = {
  readonly preprocessor: Preprocessor
  readonly table: BinnedTable
  readonly rules: ForestRules
}

/** The part of fitting before the trees. Throws as {@link fitForestClassifier}. */
export const prepareForest = (
  frame: Frame,
  target: ArrayLike<number>,
  options: ForestOptions,
): PreparedForest => {
  const features = Object.keys(frame.columns).length
  const { labels } = checkTrainingTarget(target, frame.rows)
  const rules = resolveOptions(options, { rows: frame.rows, features })
  const preprocessor = fitPreprocessor(frame, labels, { smoothing: options.smoothing })
  const binned = binFrame(frame, preprocessor, { maxBins: options.maxBins, seed: rules.seed })
  const shared = new Uint8Array(new SharedArrayBuffer(labels.length))
  shared.set(labels)
  return { preprocessor, table: { ...binned, labels: shared }, rules }
}

/** The part of fitting after the trees, which must be in the order of their numbers. */
export const finishForest = (preprocessor: Preprocessor, trees: readonly Tree[]): ForestModel => ({
  kind: 'random-forest-classifier',
  preprocessor,
  forest: joinTrees(trees),
  importance: averageImportance(trees, preprocessor.columns.length),
})

/**
 * Fits a random forest (Breiman 2001) on binned features, in this thread; `@millrace/learn/threads` fits the
 * same model, to the last bit, in several. `target` is 0 or 1 for each row.
 * Throws a RangeError for an option out of range, an empty frame, infinite values, and a target of another
 * length, with a value that is not 0 or 1 (NaN included), or with one class only.
 */
export const fitForestClassifier = (
  frame: Frame,
  target: ArrayLike<number>,
  options: ForestOptions = {},
): ForestModel => {
  const { preprocessor, table, rules } = prepareForest(frame, target, options)
  const growTree = createTreeGrower(table, rules)
  return finishForest(
    preprocessor,
    Array.from({ length: rules.nEstimators }, (_, index) => growTree(index)),
  )
}
