import type { Frame } from '../frame.ts'
import { readFeatures } from '../learners/features.ts'
import type { LinearModel } from '../learners/linear/linear-model.ts'
import type { LogisticRegressionModel } from '../learners/logistic/model.ts'
import type { ShapValues } from './shap.ts'

type Linear = LinearModel | LogisticRegressionModel

/**
 * coefficient × (value − mean of the training rows): the SHAP values of a linear function where the columns do not
 * depend on each other (Štrumbelj & Kononenko 2014). The base is the function at the means. Throws as `readFeatures`.
 */
export const explainLinear = (model: Linear, frame: Frame): Omit<ShapValues, 'outputs'> => {
  const { kind, coefficients, means } = model
  const columns = readFeatures(kind, frame)
  const width = columns.length
  const base =
    kind === 'logisticRegression' ? Float64Array.from(model.intercepts) : Float64Array.of(model.intercept)
  const outputs = base.length
  const values = new Float64Array(frame.rows * outputs * width)
  for (let output = 0; output < outputs; output += 1)
    columns.forEach((column, index) => {
      const coefficient = coefficients[output * width + index]
      base[output] += coefficient * means[index]
      for (let row = 0; row < frame.rows; row += 1)
        values[(row * outputs + output) * width + index] = coefficient * (column[row] - means[index])
    })
  const link = kind !== 'logisticRegression' ? 'identity' : outputs === 1 ? 'logistic' : 'softmax'
  return { features: Object.keys(frame.columns), link, base, values }
}
