import type { Model } from '../model.ts'
import type { Label } from '../target.ts'
import type { LinearModel } from './linear/linear-model.ts'
import type { LogisticRegressionModel } from './logistic/model.ts'

/** A linear function: intercept + Σ coefficient × column. */
export interface LinearFunction {
  /** Of a classifier: the class whose log odds this is (for two classes), or whose score the softmax takes. */
  readonly label?: Label
  /** -Infinity for a class that did not occur. */
  readonly intercept: number
  /** In the order of the model's inputs; in units of the target, or of log odds, for one of the column. */
  readonly coefficients: readonly { readonly name: string; readonly value: number }[]
}

const regressors: ReadonlySet<string> = new Set(['linearRegression', 'ridge', 'lasso', 'elasticNet'])
const isLinear = (model: Model): model is LinearModel => regressors.has(model.kind)
const isLogistic = (model: Model): model is LogisticRegressionModel => model.kind === 'logisticRegression'

const nameCoefficients = ({ inputs }: Model, values: Float64Array): LinearFunction['coefficients'] =>
  inputs.map(({ name }, column) => ({ name, value: values[column] }))

/**
 * The coefficients of a linear model by the names of its columns: one function for a regressor and for two classes
 * (that of the second), else one for each class. Of a pipeline pass its `learner`. Throws a TypeError for a
 * model that has none.
 */
export const listCoefficients = (model: Model): LinearFunction[] => {
  if (isLinear(model))
    return [{ intercept: model.intercept, coefficients: nameCoefficients(model, model.coefficients) }]
  if (!isLogistic(model)) throw new TypeError(`a model of kind '${model.kind}' has no coefficients`)
  const { inputs, output, coefficients, intercepts } = model
  const labels = output.classes.slice(-intercepts.length)
  return labels.map((label, row) => ({
    label,
    intercept: intercepts[row],
    coefficients: nameCoefficients(
      model,
      coefficients.subarray(row * inputs.length, (row + 1) * inputs.length),
    ),
  }))
}
