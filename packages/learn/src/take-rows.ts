import type { Column, Frame } from './frame.ts'
import type { TrainingData } from './learner.ts'
import type { Target } from './target.ts'

/** Any list of row numbers. */
export type Rows = Uint32Array | Int32Array | readonly number[]

/** Fills `taken` with the values of these rows. A loop: `from` with a function takes twenty times as long. */
const fill = <T extends Float32Array | Float64Array | Int32Array | Int8Array>(
  taken: T,
  values: T,
  rows: Rows,
): T => {
  for (let index = 0; index < rows.length; index += 1) taken[index] = values[rows[index]]
  return taken
}

const takeColumn = (column: Column, rows: Rows): Column => {
  const { length } = rows
  if (column.kind === 'numeric')
    return { ...column, values: fill(new Float32Array(length), column.values, rows) }
  if (column.kind === 'boolean')
    return { ...column, values: fill(new Int8Array(length), column.values, rows) }
  if (column.kind === 'timestamp')
    return { ...column, values: fill(new Float64Array(length), column.values, rows) }
  return { ...column, codes: fill(new Int32Array(length), column.codes, rows) }
}

/** Past the end there is nothing, which typed arrays would take for 0. */
const checkRows = (rows: Rows, count: number): void => {
  for (let index = 0; index < rows.length; index += 1) {
    const row = rows[index]
    if (!(Number.isInteger(row) && row >= 0 && row < count))
      throw new RangeError(`there is no row ${row}; there are ${count}`)
  }
}

/**
 * These rows of a frame, in this order; a row may be taken more than once. Categories stay, even those left unused. Throws a
 * RangeError for a row that there is not.
 */
export const takeFrameRows = (frame: Frame, rows: Rows): Frame => {
  checkRows(rows, frame.rows)
  return {
    rows: rows.length,
    columns: Object.fromEntries(
      Object.entries(frame.columns).map(([name, column]) => [name, takeColumn(column, rows)]),
    ),
  }
}

const takeTarget = (target: Target, rows: Rows): Target =>
  target.kind === 'classes'
    ? { ...target, codes: fill(new Int32Array(rows.length), target.codes, rows) }
    : { ...target, values: fill(new Float64Array(rows.length), target.values, rows) }

/** These rows with what belongs to them. Classes stay, even those left without a row. Throws as {@link takeFrameRows}. */
export const takeRows = ({ frame, target, weights }: TrainingData, rows: Rows): TrainingData => ({
  frame: takeFrameRows(frame, rows),
  ...(target && { target: takeTarget(target, rows) }),
  ...(weights && { weights: fill(new Float64Array(rows.length), weights, rows) }),
})
