import type { Model } from '../model.ts'
import type { TreeEnsemble } from '../trees/ensemble.ts'

export interface GainImportance {
  readonly name: string
  /** Share of the whole, 0–1. */
  readonly importance: number
}

type TreeModel = Model & { readonly trees: TreeEnsemble }
type ModelWithLearner = Model & { readonly learner: Model }

const hasTrees = (model: Model): model is TreeModel => 'trees' in model
const hasLearner = (model: Model): model is ModelWithLearner => model.kind === 'pipeline'

/**
 * How much of the loss that a tree model took away its tests of each column took away (what LightGBM and XGBoost call
 * total gain; Breiman et al. 1984), as shares, the largest first. Of a pipeline: of the columns that come out of its
 * transformers. It favours columns of many values and is taken from the rows of the fit: `permutationImportance` is
 * neither. undefined for a model that is not made of trees.
 */
export const gainImportances = (model: Model): GainImportance[] | undefined => {
  if (hasLearner(model)) return gainImportances(model.learner)
  if (!hasTrees(model)) return undefined
  const { feature, gain } = model.trees
  const sums = new Float64Array(model.inputs.length)
  let total = 0
  for (let node = 0; node < feature.length; node += 1) {
    if (feature[node] < 0) continue
    sums[feature[node]] += gain[node]
    total += gain[node]
  }
  return model.inputs
    .map(({ name }, column) => ({ name, importance: total > 0 ? sums[column] / total : 0 }))
    .sort((a, b) => b.importance - a.importance || (a.name < b.name ? -1 : 1))
}
