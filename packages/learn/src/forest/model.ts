import type { Preprocessor } from '../preprocessing/preprocessor.ts'
import type { Forest } from './forest.ts'

/** A fitted binary classifier: preprocessing and forest. Plain data, safe to post to a worker. */
export type ForestModel = {
  readonly kind: 'random-forest-classifier'
  readonly preprocessor: Preprocessor
  readonly forest: Forest
  /** Impurity importance of each column, in the preprocessor's order; sums to 1 (or is all 0). */
  readonly importance: Float64Array
}

/** The columns with their importance, the most important first. */
export const listImportances = (model: ForestModel): { name: string; importance: number }[] =>
  model.preprocessor.columns
    .map(({ name }, index) => ({ name, importance: model.importance[index] }))
    .sort((a, b) => b.importance - a.importance)
