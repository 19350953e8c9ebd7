import { describeInputs } from '../../align-frame.ts'
import { type ClassWeight, classWeightOption, weighByClass } from '../../class-weights.ts'
import type { LearnerKind, LearnerSpec } from '../../learner.ts'
import type { Model } from '../../model.ts'
import { makeSpec, type OptionRules, resolveOptions } from '../../options.ts'
import type { ClassTarget, Label } from '../../target.ts'
import { type BoostingTask, fitBoosting } from '../../trees/boosting/fit.ts'
import { type BoostingOptions, boostingRules } from '../../trees/boosting/options.ts'
import { checkEnsemble } from '../../trees/check-ensemble.ts'
import { toClassProbabilities } from '../../trees/class-probabilities.ts'
import type { TreeEnsemble } from '../../trees/ensemble.ts'
import { toTreeFeatures } from '../../trees/features.ts'
import { treeClassifierToOnnx } from '../../trees/onnx/to-onnx.ts'
import { predictTrees } from '../../trees/predict.ts'
import { checkTask } from '../check-model.ts'
import { requireClasses, resolveWeights, weighClasses } from '../target.ts'

export interface GradientBoostingClassifierOptions extends BoostingOptions {
  /** null: 1 each; 'balanced': as if each class had as many rows; or a weight by class. Default null. */
  readonly classWeight?: ClassWeight
}
export interface GradientBoostingClassifierSpec extends LearnerSpec {
  readonly kind: 'gradientBoostingClassifier'
}
export interface GradientBoostingClassifierModel extends Model {
  readonly kind: 'gradientBoostingClassifier'
  readonly output: { readonly task: 'classification'; readonly classes: readonly Label[] }
  /** One output, the log-odds of the second class, for two classes; else one for each. */
  readonly trees: TreeEnsemble
}

const rules: OptionRules<Required<GradientBoostingClassifierOptions>> = {
  ...boostingRules,
  classWeight: classWeightOption,
}

/**
 * Gradient-boosted trees for classes: logistic loss for two, softmax for more (Friedman 2001), grown over bins as in
 * scikit-learn's HistGradientBoostingClassifier and LightGBM (Ke et al. 2017). Takes numbers, booleans and categories
 * (as sets, not as numbers) with missing values. With validation rows the fit stops early.
 * Throws a RangeError for wrong options.
 */
export const gradientBoostingClassifier = (
  options: GradientBoostingClassifierOptions = {},
): GradientBoostingClassifierSpec => makeSpec('gradientBoostingClassifier', rules, options)

/** Of a class without rows, which a fold of a rare class may be: its logarithm has to be finite. */
const leastShare = 1e-9

const baseScores = (target: ClassTarget, weights: Float64Array): Float64Array => {
  const sums = weighClasses(target, weights)
  const total = sums.reduce((sum, one) => sum + one, 0)
  if (sums.length === 2) return Float64Array.of(Math.log(sums[1] / sums[0]))
  return sums.map((sum) => Math.log(Math.max(sum / total, leastShare)))
}

const checkClasses = (target: ClassTarget, weights: Float64Array): void => {
  const sums = weighClasses(target, weights)
  const seen = sums.filter((sum) => sum > 0).length
  if (seen < 2)
    throw new RangeError(
      'gradientBoostingClassifier needs rows of two classes that weigh something, not of one',
    )
}

export const gradientBoostingClassifierKind: LearnerKind<
  GradientBoostingClassifierModel,
  GradientBoostingClassifierSpec
> = {
  kind: 'gradientBoostingClassifier',
  fit(spec, data, options) {
    const resolved = resolveOptions('gradientBoostingClassifier', rules, spec.options)
    const target = requireClasses('gradientBoostingClassifier', data)
    const weights = weighByClass(target, data.weights, resolved.classWeight)
    checkClasses(target, weights ?? resolveWeights(data))
    const { classes } = target
    const task: BoostingTask = {
      learner: 'gradientBoostingClassifier',
      objective: classes.length === 2 ? 'log_loss' : 'softmax',
      quantile: 0.5,
      outputs: classes.length === 2 ? 1 : classes.length,
      link: classes.length === 2 ? 'logistic' : 'softmax',
      base: baseScores(target, weights ?? resolveWeights(data)),
      target: target.codes,
      weights,
      validation: data.validation && {
        target: requireClasses('gradientBoostingClassifier', data.validation).codes,
        weights: data.validation.weights,
      },
    }
    return {
      kind: 'gradientBoostingClassifier',
      inputs: describeInputs(data.frame),
      output: { task: 'classification', classes: [...classes] },
      trees: fitBoosting(task, data, resolved, options),
    }
  },
  predict: ({ trees, output: { classes } }, frame) => ({
    task: 'classification',
    classes,
    probabilities: toClassProbabilities(
      predictTrees(trees, toTreeFeatures(frame), frame.rows),
      classes.length,
    ),
  }),
  check({ trees, inputs, output }) {
    checkTask('classification', output)
    checkEnsemble(trees, inputs.length, output.classes.length === 2 ? 1 : output.classes.length)
  },
  toOnnx: treeClassifierToOnnx,
}
