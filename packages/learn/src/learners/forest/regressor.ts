import { describeInputs } from '../../align-frame.ts'
import type { LearnerKind, LearnerSpec } from '../../learner.ts'
import type { Model } from '../../model.ts'
import { makeSpec, type OptionRules, resolveOptions } from '../../options.ts'
import { checkEnsemble } from '../../trees/check-ensemble.ts'
import type { TreeEnsemble } from '../../trees/ensemble.ts'
import { toTreeFeatures } from '../../trees/features.ts'
import { fitForest } from '../../trees/forest/fit.ts'
import { type ForestOptions, forestRules } from '../../trees/forest/options.ts'
import { treeRegressorToOnnx } from '../../trees/onnx/to-onnx.ts'
import { predictTrees } from '../../trees/predict.ts'
import { checkTask } from '../check-model.ts'
import { requireNumbers } from '../target.ts'

export interface RandomForestRegressorSpec extends LearnerSpec {
  readonly kind: 'randomForestRegressor'
}
export interface ExtraTreesRegressorSpec extends LearnerSpec {
  readonly kind: 'extraTreesRegressor'
}
interface ForestRegressorModel extends Model {
  readonly output: { readonly task: 'regression' }
  /** One output: the mean of the trees, around that of the target. */
  readonly trees: TreeEnsemble
}
export interface RandomForestRegressorModel extends ForestRegressorModel {
  readonly kind: 'randomForestRegressor'
}
export interface ExtraTreesRegressorModel extends ForestRegressorModel {
  readonly kind: 'extraTreesRegressor'
}

const randomForestRules = forestRules({ maxFeatures: null, bootstrap: true })
const extraTreesRules = forestRules({ maxFeatures: null, bootstrap: false })

/**
 * A random forest (Breiman 2001) that averages the means in the trees' leaves, as scikit-learn's with squared error.
 * Columns of numbers are binned first; categories are split as sets, by the best cut of their order by mean (Fisher
 * 1958). Takes missing values. Throws a RangeError for wrong options.
 */
export const randomForestRegressor = (options: ForestOptions = {}): RandomForestRegressorSpec =>
  makeSpec('randomForestRegressor', randomForestRules, options)

/**
 * Extra trees (Geurts, Ernst & Wehenkel 2006): as {@link randomForestRegressor}, with a cut drawn at random for each
 * column of numbers that is tried, and all rows in every tree. Cuts lie on edges of bins. Categories are split as in
 * random forests. Throws a RangeError for wrong options.
 */
export const extraTreesRegressor = (options: ForestOptions = {}): ExtraTreesRegressorSpec =>
  makeSpec('extraTreesRegressor', extraTreesRules, options)

const makeKind = <K extends 'randomForestRegressor' | 'extraTreesRegressor'>(
  kind: K,
  rules: OptionRules<Required<ForestOptions>>,
): LearnerKind<ForestRegressorModel & { readonly kind: K }, LearnerSpec & { readonly kind: K }> => ({
  kind,
  fit(spec, data, options) {
    const resolved = resolveOptions(kind, rules, spec.options)
    const task = {
      learner: kind,
      classes: 0,
      target: requireNumbers(kind, data).values,
      weights: data.weights,
      entropy: false,
      randomCuts: kind === 'extraTreesRegressor',
    }
    const trees = fitForest(task, data.frame, resolved, options)
    return { kind, inputs: describeInputs(data.frame), output: { task: 'regression' }, trees }
  },
  predict: ({ trees }, frame) => ({
    task: 'regression',
    values: predictTrees(trees, toTreeFeatures(frame), frame.rows),
  }),
  check({ trees, inputs, output }) {
    checkTask('regression', output)
    checkEnsemble(trees, inputs.length, 1)
  },
  toOnnx: treeRegressorToOnnx,
})

export const randomForestRegressorKind: LearnerKind<RandomForestRegressorModel, RandomForestRegressorSpec> =
  makeKind('randomForestRegressor', randomForestRules)
export const extraTreesRegressorKind: LearnerKind<ExtraTreesRegressorModel, ExtraTreesRegressorSpec> =
  makeKind('extraTreesRegressor', extraTreesRules)
