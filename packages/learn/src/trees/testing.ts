import { predict } from '../fit.ts'
import type { Column, Frame } from '../frame.ts'
import type { Model } from '../model.ts'

/** Probabilities or numbers that a model predicts. */
export const predictNumbers = (model: Model, frame: Frame): Float64Array => {
  const prediction = predict(model, frame)
  if (prediction.task === 'classification') return prediction.probabilities
  if (prediction.task === 'regression') return prediction.values
  throw new Error(`a model of ${prediction.task}`)
}

/** The rows of a frame in another order, or some of them, or some of them often. */
export const takeRows = ({ columns }: Frame, rows: readonly number[]): Frame => ({
  rows: rows.length,
  columns: Object.fromEntries(
    Object.entries(columns).map(([name, column]): [string, Column] => {
      if (column.kind === 'categorical')
        return [name, { ...column, codes: Int32Array.from(rows, (row) => column.codes[row]) }]
      if (column.kind === 'numeric')
        return [name, { ...column, values: Float32Array.from(rows, (row) => column.values[row]) }]
      throw new Error(column.kind)
    }),
  ),
})
