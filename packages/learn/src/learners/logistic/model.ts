import type { Frame } from '../../frame.ts'
import type { Classification, Model } from '../../model.ts'
import { classOutputs } from '../../onnx/class-outputs.ts'
import type { OnnxGraph, OnnxTensor } from '../../onnx/graph.ts'
import { cast } from '../../onnx/steps.ts'
import type { Label } from '../../target.ts'
import { checkLength, checkNumbers, checkTask } from '../check-model.ts'
import { readFeatures } from '../features.ts'
import { addLinear, joinDoubles } from '../onnx.ts'

export interface LogisticRegressionModel extends Model {
  readonly kind: 'logisticRegression'
  readonly output: { readonly task: 'classification'; readonly classes: readonly Label[] }
  /** For two classes the log odds of the second, else a row for each class: [rows, inputs]. */
  readonly coefficients: Float64Array
  /** Of each input over the rows of the fit, by their weights: from where contributions to a prediction are counted. */
  readonly means: Float64Array
  /** -Infinity for a class that did not occur. */
  readonly intercepts: Float64Array
  readonly iterations: number
  /** Whether `tol` was reached before `maxIter`. */
  readonly converged: boolean
}

/** Makes margins row after row into probabilities: e^margin / Σ e^margin, in place. */
const applySoftmax = (margins: Float64Array, classes: number): void => {
  for (let begin = 0; begin < margins.length; begin += classes) {
    let largest = -Infinity
    for (let at = begin; at < begin + classes; at += 1) largest = Math.max(largest, margins[at])
    let sum = 0
    for (let at = begin; at < begin + classes; at += 1) {
      margins[at] = Math.exp(margins[at] - largest)
      sum += margins[at]
    }
    for (let at = begin; at < begin + classes; at += 1) margins[at] /= sum
  }
}

/** Probabilities from the linear functions: logistic for two classes, softmax for more. */
export const predictLogistic = (model: LogisticRegressionModel, frame: Frame): Classification => {
  const { kind, output, coefficients, intercepts } = model
  const classes = output.classes.length
  const features = readFeatures(kind, frame)
  const probabilities = new Float64Array(frame.rows * classes)
  // Of two classes the margin is that of the second; the first has 0.
  const skipped = classes - intercepts.length
  intercepts.forEach((intercept, index) => {
    const place = index + skipped
    for (let row = 0; row < frame.rows; row += 1) probabilities[row * classes + place] = intercept
    features.forEach((values, column) => {
      const coefficient = coefficients[index * features.length + column]
      for (let row = 0; row < frame.rows; row += 1)
        probabilities[row * classes + place] += coefficient * values[row]
    })
  })
  applySoftmax(probabilities, classes)
  return { task: 'classification', classes: output.classes, probabilities }
}

export const checkLogistic = ({
  inputs,
  output,
  coefficients,
  means,
  intercepts,
}: LogisticRegressionModel): void => {
  checkTask('classification', output)
  const rows = output.classes.length === 2 ? 1 : output.classes.length
  checkNumbers('coefficients', coefficients, rows * inputs.length)
  checkNumbers('means', means, inputs.length)
  checkLength('intercepts', intercepts, Float64Array, rows)
  if (intercepts.some((value) => !(value < Infinity)) || !intercepts.some(Number.isFinite))
    throw new RangeError("the model's intercepts must be numbers below Infinity, one of them finite")
}

export const logisticToOnnx = (
  { output, coefficients, intercepts }: LogisticRegressionModel,
  graph: OnnxGraph,
  inputs: readonly OnnxTensor[],
): readonly OnnxTensor[] => {
  const classes = output.classes.length
  const width = inputs.length
  // Softmax over 0 and the margin is the logistic function.
  const margins =
    classes === 2
      ? {
          rows: Float64Array.from([...new Float64Array(width), ...coefficients]),
          starts: Float64Array.of(0, intercepts[0]),
        }
      : { rows: coefficients, starts: intercepts }
  const linear = addLinear(graph, joinDoubles(graph, inputs), margins.rows, margins.starts)
  const softmax = graph.one(
    'Softmax',
    { inputs: [linear], attributes: { axis: { integer: 1 } } },
    { element: 'double', columns: classes },
  )
  return classOutputs(graph, cast(graph, softmax, 'float'), output.classes)
}
