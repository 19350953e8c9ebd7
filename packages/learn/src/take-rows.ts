import type { Column, Frame } from './frame.ts'
import type { TrainingData } from './learner.ts'
import type { Target } from './target.ts'

/** Any list of row numbers. */
export type Rows = Uint32Array | Int32Array | readonly number[]

const takeColumn = (column: Column, rows: Rows): Column => {
  if (column.kind === 'numeric')
    return { ...column, values: Float32Array.from(rows, (row) => column.values[row]) }
  if (column.kind === 'boolean')
    return { ...column, values: Int8Array.from(rows, (row) => column.values[row]) }
  if (column.kind === 'timestamp')
    return { ...column, values: Float64Array.from(rows, (row) => column.values[row]) }
  return { ...column, codes: Int32Array.from(rows, (row) => column.codes[row]) }
}

/** These rows of a frame, in this order; a row may be taken more than once. Categories stay, even those left unused. */
export const takeFrameRows = (frame: Frame, rows: Rows): Frame => ({
  rows: rows.length,
  columns: Object.fromEntries(
    Object.entries(frame.columns).map(([name, column]) => [name, takeColumn(column, rows)]),
  ),
})

const takeTarget = (target: Target, rows: Rows): Target =>
  target.kind === 'classes'
    ? { ...target, codes: Int32Array.from(rows, (row) => target.codes[row]) }
    : { ...target, values: Float64Array.from(rows, (row) => target.values[row]) }

/** These rows with what belongs to them. Classes stay, even those left without a row. */
export const takeRows = ({ frame, target, weights }: TrainingData, rows: Rows): TrainingData => ({
  frame: takeFrameRows(frame, rows),
  ...(target && { target: takeTarget(target, rows) }),
  ...(weights && { weights: Float64Array.from(rows, (row) => weights[row]) }),
})
