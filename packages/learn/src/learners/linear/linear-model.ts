import { describeInputs } from '../../align-frame.ts'
import type { Frame } from '../../frame.ts'
import type { FitData } from '../../learner.ts'
import type { Model, Regression } from '../../model.ts'
import type { OnnxGraph, OnnxTensor } from '../../onnx/graph.ts'
import { cast } from '../../onnx/steps.ts'
import { checkNumbers, checkTask } from '../check-model.ts'
import { readFeatures } from '../features.ts'
import { addLinearInOrder, joinDoubles } from '../onnx.ts'
import { requireNumbers, resolveWeights } from '../target.ts'
import { weightedMean } from './centre.ts'
import type { Regressors } from './condense.ts'

/** intercept + Σ coefficient × value. */
export interface LinearModel extends Model {
  readonly kind: 'linearRegression' | 'ridge' | 'lasso' | 'elasticNet'
  readonly output: { readonly task: 'regression' }
  /** One for each input. */
  readonly coefficients: Float64Array
  /** Of each input over the rows of the fit, by their weights: from where contributions to a prediction are counted. */
  readonly means: Float64Array
  readonly intercept: number
}

/** Reads and centres; without an intercept nothing is centred. Throws as `readFeatures` and `requireNumbers`. */
export const readRegressors = (kind: string, data: FitData, fitIntercept: boolean): Regressors => {
  const { values: target } = requireNumbers(kind, data)
  const weights = resolveWeights(data)
  const features = readFeatures(kind, data.frame)
  const means = Float64Array.from(features, (values) => weightedMean(values, weights))
  return {
    features,
    target,
    weights,
    means,
    centres: fitIntercept ? means : new Float64Array(means.length),
    targetCentre: fitIntercept ? weightedMean(target, weights) : 0,
  }
}

/** The model of coefficients of centred columns. */
export const makeLinearModel = <K extends LinearModel['kind']>(
  kind: K,
  { frame }: FitData,
  { means, centres, targetCentre }: Regressors,
  coefficients: Float64Array,
): LinearModel & { readonly kind: K } => ({
  kind,
  inputs: describeInputs(frame),
  output: { task: 'regression' },
  coefficients,
  means,
  intercept: coefficients.reduce(
    (sum, coefficient, column) => sum - coefficient * centres[column],
    targetCentre,
  ),
})

export const predictLinear = ({ kind, coefficients, intercept }: LinearModel, frame: Frame): Regression => {
  const values = new Float64Array(frame.rows)
  readFeatures(kind, frame).forEach((feature, column) => {
    const coefficient = coefficients[column]
    for (let row = 0; row < values.length; row += 1) values[row] += coefficient * feature[row]
  })
  for (let row = 0; row < values.length; row += 1) values[row] += intercept
  return { task: 'regression', values }
}

export const checkLinear = ({ inputs, output, coefficients, means, intercept }: LinearModel): void => {
  checkTask('regression', output)
  checkNumbers('coefficients', coefficients, inputs.length)
  checkNumbers('means', means, inputs.length)
  if (!Number.isFinite(intercept))
    throw new RangeError(`the model's intercept must be finite, not ${intercept}`)
}

export const linearToOnnx = (
  { coefficients, intercept }: LinearModel,
  graph: OnnxGraph,
  inputs: readonly OnnxTensor[],
): readonly OnnxTensor[] => [
  cast(graph, addLinearInOrder(graph, joinDoubles(graph, inputs), coefficients, intercept), 'float'),
]
