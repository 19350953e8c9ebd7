import {
  type TreeEnsembleClassifierModel,
  treeEnsembleClassifierKind,
} from '../learners/tree-ensemble/classifier.ts'
import {
  type TreeEnsembleRegressorModel,
  treeEnsembleRegressorKind,
} from '../learners/tree-ensemble/regressor.ts'
import type { ModelInput } from '../model.ts'
import { classTarget, type Label } from '../target.ts'
import type { TreeEnsemble } from '../trees/ensemble.ts'

export type TreeEnsembleModel = TreeEnsembleClassifierModel | TreeEnsembleRegressorModel

export interface TreeImportOptions {
  /** Names of the features, in the order of the file. Default: those in the file. */
  readonly features?: readonly string[]
  /** Names of the classes, in the order of the file. Default: those in the file, or 0, 1, … */
  readonly classes?: readonly Label[]
}

/** What a feature takes: numbers, or categories of these names. */
export interface ImportedFeature {
  readonly name: string
  readonly categories?: readonly string[]
}

const toInputs = (features: readonly ImportedFeature[], names: readonly string[]): ModelInput[] => {
  if (names.length !== features.length)
    throw new RangeError(`there are ${names.length} names of features; the model has ${features.length}`)
  const seen = new Set<string>()
  return features.map(({ categories }, index) => {
    const name = names[index]
    if (seen.has(name)) throw new RangeError(`two features of the model are named '${name}'`)
    seen.add(name)
    return categories ? { name, kind: 'categorical', categories: [...categories] } : { name, kind: 'numeric' }
  })
}

const checkClasses = (classes: readonly Label[], count: number): void => {
  const known = classTarget(classes).classes
  if (known.length !== classes.length) throw new RangeError('a class is named twice')
  if (classes.length !== count)
    throw new RangeError(`there are ${classes.length} names of classes; the model has ${count} classes`)
}

/** A model of trees that were read: of classes, or of a number. Throws a RangeError for names that do not fit. */
export const makeTreeModel = (
  task: 'classification' | 'regression',
  trees: TreeEnsemble,
  features: readonly ImportedFeature[],
  options: TreeImportOptions,
): TreeEnsembleModel => {
  const inputs = toInputs(features, options.features ?? features.map(({ name }) => name))
  if (task === 'regression') {
    if (options.classes) throw new RangeError('the model predicts a number; it has no classes to name')
    const model = { kind: 'treeEnsembleRegressor', inputs, output: { task }, trees } as const
    treeEnsembleRegressorKind.check(model)
    return model
  }
  const count = trees.outputs === 1 ? 2 : trees.outputs
  const classes = options.classes ?? Array.from({ length: count }, (_, code) => code)
  checkClasses(classes, count)
  const output = { task, classes: [...classes] } as const
  const model = { kind: 'treeEnsembleClassifier', inputs, output, trees } as const
  treeEnsembleClassifierKind.check(model)
  return model
}
