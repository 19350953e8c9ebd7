import type { Column, Frame } from '../frame.ts'

const refuseKind = (learner: string, name: string, { kind }: Column): never => {
  const hint = kind === 'categorical' ? 'oneHot() or targetEncode()' : 'dateParts()'
  throw new TypeError(`column '${name}' is ${kind}; ${learner} takes numbers: put ${hint} before it`)
}

const checkValues = (learner: string, name: string, values: Float32Array): Float32Array => {
  const row = values.findIndex((value) => !Number.isFinite(value))
  if (row === -1) return values
  if (Number.isNaN(values[row]))
    throw new RangeError(
      `column '${name}' is missing in row ${row}; ${learner} takes no missing values: put impute() before it`,
    )
  throw new RangeError(`column '${name}' is ${values[row]} in row ${row}; ${learner} takes finite numbers`)
}

const readColumn = (learner: string, name: string, column: Column): Float32Array => {
  if (column.kind === 'numeric') return checkValues(learner, name, column.values)
  if (column.kind !== 'boolean') return refuseKind(learner, name, column)
  return checkValues(
    learner,
    name,
    Float32Array.from(column.values, (value) => (value === -1 ? Number.NaN : value)),
  )
}

/**
 * The columns as finite numbers, booleans as 0 and 1; numeric ones are shared with the frame. Throws a TypeError
 * for columns of other kinds and a RangeError for a missing or infinite value; both say what to put before.
 */
export const readFeatures = (learner: string, frame: Frame): Float32Array[] =>
  Object.entries(frame.columns).map(([name, column]) => readColumn(learner, name, column))

/** The columns of {@link readFeatures} row after row, as [rows, columns]. */
export const toRows = (features: readonly Float32Array[], rows: number): Float32Array => {
  const table = new Float32Array(rows * features.length)
  features.forEach((values, column) => {
    for (let row = 0; row < rows; row += 1) table[row * features.length + column] = values[row]
  })
  return table
}
