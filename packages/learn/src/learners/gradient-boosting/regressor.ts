import { describeInputs } from '../../align-frame.ts'
import type { LearnerKind, LearnerSpec, TrainingData } from '../../learner.ts'
import type { Model } from '../../model.ts'
import { choiceOption, makeSpec, numberOption, type OptionRules, resolveOptions } from '../../options.ts'
import { findQuantiles } from '../../quantiles.ts'
import { type BoostingTask, fitBoosting } from '../../trees/boosting/fit.ts'
import { type BoostingOptions, boostingRules } from '../../trees/boosting/options.ts'
import { checkEnsemble } from '../../trees/check-ensemble.ts'
import type { TreeEnsemble } from '../../trees/ensemble.ts'
import { toTreeFeatures } from '../../trees/features.ts'
import { treeRegressorToOnnx } from '../../trees/onnx/to-onnx.ts'
import { predictTrees } from '../../trees/predict.ts'
import { checkTask } from '../check-model.ts'
import { requireNumbers } from '../target.ts'

type Loss = 'squared_error' | 'absolute_error' | 'quantile' | 'poisson'

export interface GradientBoostingRegressorOptions extends BoostingOptions {
  /** What is minimised; its values are scikit-learn's. 'poisson' predicts exp of the sum. Default 'squared_error'. */
  readonly loss?: Loss
  /** Of the loss 'quantile', 0 … 1. Default 0.5 (scikit-learn has none). */
  readonly quantile?: number
}
export interface GradientBoostingRegressorSpec extends LearnerSpec {
  readonly kind: 'gradientBoostingRegressor'
}
export interface GradientBoostingRegressorModel extends Model {
  readonly kind: 'gradientBoostingRegressor'
  readonly output: { readonly task: 'regression' }
  readonly trees: TreeEnsemble
}

const rules: OptionRules<Required<GradientBoostingRegressorOptions>> = {
  ...boostingRules,
  loss: choiceOption<Loss>('squared_error', ['squared_error', 'absolute_error', 'quantile', 'poisson']),
  quantile: numberOption(0.5, { min: 0, max: 1 }),
}

/**
 * Gradient-boosted trees for numbers (Friedman 2001), grown over bins as in scikit-learn's
 * HistGradientBoostingRegressor and LightGBM (Ke et al. 2017). Takes numbers, booleans and categories (as sets, not as
 * numbers) with missing values. With validation rows the fit stops early. Throws a RangeError for wrong options.
 */
export const gradientBoostingRegressor = (
  options: GradientBoostingRegressorOptions = {},
): GradientBoostingRegressorSpec => makeSpec('gradientBoostingRegressor', rules, options)

const checkCounts = (part: string, values: Float64Array): void => {
  const row = values.findIndex((value) => value < 0)
  if (row >= 0)
    throw new RangeError(`the ${part} of loss 'poisson' must be >= 0; row ${row} holds ${values[row]}`)
}

const readTarget = (data: TrainingData, loss: Loss): Float64Array => {
  const { values } = requireNumbers('gradientBoostingRegressor', data)
  if (loss === 'poisson') checkCounts('target', values)
  return values
}

const weightedMean = (values: Float64Array, weights: Float64Array | undefined): number => {
  let sum = 0
  let total = 0
  for (let row = 0; row < values.length; row += 1) {
    const weight = weights?.[row] ?? 1
    sum += values[row] * weight
    total += weight
  }
  return sum / total
}

const baseScore = (
  values: Float64Array,
  weights: Float64Array | undefined,
  loss: Loss,
  quantile: number,
): number => {
  if (loss === 'squared_error') return weightedMean(values, weights)
  if (loss !== 'poisson') return findQuantiles(values, [quantile], weights)[0]
  const mean = weightedMean(values, weights)
  if (mean === 0) throw new RangeError("the target of loss 'poisson' is 0 in every row that weighs something")
  return Math.log(mean)
}

export const gradientBoostingRegressorKind: LearnerKind<
  GradientBoostingRegressorModel,
  GradientBoostingRegressorSpec
> = {
  kind: 'gradientBoostingRegressor',
  fit(spec, data, options) {
    const resolved = resolveOptions('gradientBoostingRegressor', rules, spec.options)
    const { loss } = resolved
    const quantile = loss === 'quantile' ? resolved.quantile : 0.5
    const values = readTarget(data, loss)
    const task: BoostingTask = {
      learner: 'gradientBoostingRegressor',
      objective: loss,
      quantile,
      outputs: 1,
      link: loss === 'poisson' ? 'exp' : 'identity',
      base: Float64Array.of(baseScore(values, data.weights, loss, quantile)),
      target: values,
      weights: data.weights,
      validation: data.validation && {
        target: readTarget(data.validation, loss),
        weights: data.validation.weights,
      },
    }
    return {
      kind: 'gradientBoostingRegressor',
      inputs: describeInputs(data.frame),
      output: { task: 'regression' },
      trees: fitBoosting(task, data, resolved, options),
    }
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
}
