import type * as ort from 'onnxruntime-node'
import { expect } from 'vitest'
import { exportModel } from '../export-model.ts'
import { predict } from '../fit.ts'
import type { Frame } from '../frame.ts'
import { likeliestClasses, type Model, type Prediction } from '../model.ts'
import { runOnnx } from './onnx-runtime.ts'

const expectClose = (actual: ort.Tensor, expected: ArrayLike<number>): void => {
  expect(actual.data).toHaveLength(expected.length)
  for (const [index, value] of Array.from(expected).entries()) {
    const error = Math.abs(Number(actual.data[index]) - value)
    expect(error, `value ${index}: ${actual.data[index]} for ${value}`).toBeLessThanOrEqual(
      1e-6 * Math.max(1, Math.abs(value)),
    )
  }
}

const labelOf = (label: unknown): unknown => (typeof label === 'bigint' ? Number(label) : label)

const expectLabels = (actual: ort.Tensor, prediction: Prediction & { task: 'classification' }): void => {
  const { classes, probabilities } = prediction
  likeliestClasses(prediction).forEach((code, row) => {
    const shares = [...probabilities.slice(row * classes.length, (row + 1) * classes.length)].sort(
      (a, b) => b - a,
    )
    // Where two classes are as likely, rounding decides.
    if (shares.length > 1 && shares[0] - shares[1] < 2e-6) return
    const label = labelOf(actual.data[row])
    expect(typeof classes[code] === 'boolean' ? Boolean(label) : label).toBe(classes[code])
  })
}

/** Expects the same of ONNX Runtime as of `predict`: numbers within 1e-6, labels except at ties. */
export const expectOnnxParity = async (model: Model, frame: Frame): Promise<void> => {
  const prediction = predict(model, frame)
  const results = await runOnnx(exportModel(model), frame)
  if (prediction.task === 'classification') {
    expectClose(results.probabilities, prediction.probabilities)
    expectLabels(results.label, prediction)
  } else if (prediction.task === 'regression') expectClose(results.prediction, prediction.values)
  else if (prediction.task === 'clustering') {
    expect(Array.from(results.prediction.data as BigInt64Array, Number)).toEqual(
      Array.from(prediction.clusters),
    )
    expectClose(results.distances, prediction.distances)
  } else {
    expect(Array.from(results.prediction.data as BigInt64Array, Number)).toEqual(
      Array.from(prediction.outliers),
    )
    expectClose(results.scores, prediction.scores)
  }
}
