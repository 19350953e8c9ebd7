import { describeInputs } from '../../align-frame.ts'
import { type ClassWeight, classWeightOption, weighByClass } from '../../class-weights.ts'
import type { FitData, FitOptions, LearnerKind, LearnerSpec } from '../../learner.ts'
import type { Model } from '../../model.ts'
import { choiceOption, makeSpec, type OptionRules, resolveOptions } from '../../options.ts'
import type { Label } from '../../target.ts'
import { checkEnsemble } from '../../trees/check-ensemble.ts'
import type { TreeEnsemble } from '../../trees/ensemble.ts'
import { toTreeFeatures } from '../../trees/features.ts'
import { fitForest } from '../../trees/forest/fit.ts'
import { type ForestOptions, forestRules } from '../../trees/forest/options.ts'
import { treeClassifierToOnnx } from '../../trees/onnx/to-onnx.ts'
import { predictTrees } from '../../trees/predict.ts'
import { checkTask } from '../check-model.ts'
import { requireClasses } from '../target.ts'

type Criterion = 'gini' | 'entropy' | 'log_loss'

export interface ForestClassifierOptions extends ForestOptions {
  /** How impurity is measured; 'log_loss' is 'entropy'. Default 'gini'. */
  readonly criterion?: Criterion
  /** null: 1 each; 'balanced': as if each class had as many rows; or a weight by class. Default null. */
  readonly classWeight?: ClassWeight
}
export interface RandomForestClassifierSpec extends LearnerSpec {
  readonly kind: 'randomForestClassifier'
}
export interface ExtraTreesClassifierSpec extends LearnerSpec {
  readonly kind: 'extraTreesClassifier'
}
interface ForestClassifierModel extends Model {
  readonly output: { readonly task: 'classification'; readonly classes: readonly Label[] }
  /** An output for each class: the mean of the trees' shares. */
  readonly trees: TreeEnsemble
}
export interface RandomForestClassifierModel extends ForestClassifierModel {
  readonly kind: 'randomForestClassifier'
}
export interface ExtraTreesClassifierModel extends ForestClassifierModel {
  readonly kind: 'extraTreesClassifier'
}

const rulesOf = (bootstrap: boolean): OptionRules<Required<ForestClassifierOptions>> => ({
  ...forestRules({ maxFeatures: 'sqrt', bootstrap }),
  criterion: choiceOption<Criterion>('gini', ['gini', 'entropy', 'log_loss']),
  classWeight: classWeightOption,
})
const randomForestRules = rulesOf(true)
const extraTreesRules = rulesOf(false)

/**
 * A random forest (Breiman 2001) that averages the shares of the classes in the trees' leaves, as scikit-learn's.
 * Columns of numbers are binned first; categories are split as sets: of two classes by the best cut of their order by
 * share (Fisher 1958), of more by that of the node's most frequent class. Takes missing values. A split must make
 * the impurity smaller (scikit-learn's may leave it as it is). Throws a RangeError for wrong options.
 */
export const randomForestClassifier = (options: ForestClassifierOptions = {}): RandomForestClassifierSpec =>
  makeSpec('randomForestClassifier', randomForestRules, options)

/**
 * Extra trees (Geurts, Ernst & Wehenkel 2006): as {@link randomForestClassifier}, with a cut drawn at random for each
 * column of numbers that is tried, and all rows in every tree. Cuts lie on edges of bins. Categories are split as in
 * random forests. Throws a RangeError for wrong options.
 */
export const extraTreesClassifier = (options: ForestClassifierOptions = {}): ExtraTreesClassifierSpec =>
  makeSpec('extraTreesClassifier', extraTreesRules, options)

const fit = <K extends string>(
  kind: K,
  resolved: Required<ForestClassifierOptions>,
  data: FitData,
  options: FitOptions,
): ForestClassifierModel & { readonly kind: K } => {
  const target = requireClasses(kind, data)
  const { classes } = target
  if (classes.length < 2) throw new RangeError(`${kind} needs rows of two classes, not of one`)
  const trees = fitForest(
    {
      learner: kind,
      classes: classes.length,
      target: target.codes,
      weights: weighByClass(target, data.weights, resolved.classWeight),
      entropy: resolved.criterion !== 'gini',
      randomCuts: kind === 'extraTreesClassifier',
    },
    data.frame,
    resolved,
    options,
  )
  const output = { task: 'classification', classes: [...classes] } as const
  return { kind, inputs: describeInputs(data.frame), output, trees }
}

const makeKind = <K extends 'randomForestClassifier' | 'extraTreesClassifier'>(
  kind: K,
  rules: OptionRules<Required<ForestClassifierOptions>>,
): LearnerKind<ForestClassifierModel & { readonly kind: K }, LearnerSpec & { readonly kind: K }> => ({
  kind,
  fit: (spec, data, options) => fit(kind, resolveOptions(kind, rules, spec.options), data, options),
  predict: ({ trees, output: { classes } }, frame) => ({
    task: 'classification',
    classes,
    probabilities: predictTrees(trees, toTreeFeatures(frame), frame.rows),
  }),
  check({ trees, inputs, output }) {
    checkTask('classification', output)
    checkEnsemble(trees, inputs.length, output.classes.length)
  },
  toOnnx: treeClassifierToOnnx,
})

export const randomForestClassifierKind: LearnerKind<
  RandomForestClassifierModel,
  RandomForestClassifierSpec
> = makeKind('randomForestClassifier', randomForestRules)
export const extraTreesClassifierKind: LearnerKind<ExtraTreesClassifierModel, ExtraTreesClassifierSpec> =
  makeKind('extraTreesClassifier', extraTreesRules)
