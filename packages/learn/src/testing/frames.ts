import { createFrame, type Frame, numericColumn } from '../frame.ts'
import type { Classification, Prediction } from '../model.ts'

/** A frame of the columns x0, x1, … of a table of rows. */
export const frameOf = (rows: readonly (readonly (number | null)[])[]): Frame =>
  createFrame(
    Object.fromEntries(
      rows[0].map((_, column) => [`x${column}`, numericColumn(rows.map((row) => row[column]))]),
    ),
  )

/** The numbers of a regression. */
export const valuesOf = (prediction: Prediction): Float64Array => {
  if (prediction.task !== 'regression') throw new TypeError(`the prediction is ${prediction.task}`)
  return prediction.values
}

/** A classification. */
export const classesOf = (prediction: Prediction): Classification => {
  if (prediction.task !== 'classification') throw new TypeError(`the prediction is ${prediction.task}`)
  return prediction
}

/** The greatest difference relative to the greatest number. */
export const relativeError = (actual: ArrayLike<number>, expected: ArrayLike<number>): number => {
  if (actual.length !== expected.length) return Infinity
  const size = Math.max(1e-300, ...Array.from(expected, Math.abs))
  return Math.max(0, ...Array.from(expected, (value, index) => Math.abs(actual[index] - value))) / size
}
