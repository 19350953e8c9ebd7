import type { Column, Frame } from '../frame.ts'
import type { FittedColumn, Preprocessor } from './preprocessor.ts'

/** Where encoded values go: value of row r of the block to `out[offset + r * stride]`. */
type EncodeTarget = { readonly out: Float32Array; readonly offset: number; readonly stride: number }

/** Writes the encoded values of the rows [begin, end) of one column. */
export type ColumnEncoder = (begin: number, end: number, target: EncodeTarget) => void

const numericEncoder =
  (values: Float32Array, median: number): ColumnEncoder =>
  (begin, end, { out, offset, stride }) => {
    let at = offset
    for (let row = begin; row < end; row += 1) {
      const value = values[row]
      out[at] = Number.isNaN(value) ? median : value
      at += stride
    }
  }

/** `table[code + 1]` is the encoded value, `table[0]` the one for missing. */
const tableEncoder =
  (codes: Int32Array, table: Float32Array): ColumnEncoder =>
  (begin, end, { out, offset, stride }) => {
    let at = offset
    for (let row = begin; row < end; row += 1) {
      out[at] = table[codes[row] + 1]
      at += stride
    }
  }

const columnEncoder = (fitted: FittedColumn, column: Column | undefined, prior: number): ColumnEncoder => {
  if (column === undefined) throw new TypeError(`the frame lacks column '${fitted.name}' of the model`)
  if (column.kind !== fitted.kind)
    throw new TypeError(`column '${fitted.name}' is ${column.kind}; the model was trained on ${fitted.kind}`)
  if (column.kind === 'numeric')
    return numericEncoder(column.values, fitted.kind === 'numeric' ? fitted.median : 0)
  const known = new Map<string, number>()
  if (fitted.kind === 'categorical')
    fitted.categories.forEach((category, code) => {
      known.set(category, fitted.means[code] ?? prior)
    })
  const table = new Float32Array(column.categories.length + 1).fill(prior)
  column.categories.forEach((category, code) => {
    table[code + 1] = known.get(category) ?? prior
  })
  return tableEncoder(column.codes, table)
}

/**
 * One encoder for each feature, in the preprocessor's order. Categories are matched by name, so the frame
 * may number them differently. Throws a TypeError for a missing column or one of another kind, and a
 * RangeError for a column that the model does not know (a renamed feature must not go unnoticed).
 */
export const createEncoders = (preprocessor: Preprocessor, frame: Frame): ColumnEncoder[] => {
  const names = new Set(preprocessor.columns.map((column) => column.name))
  const unknown = Object.keys(frame.columns).find((name) => !names.has(name))
  if (unknown !== undefined)
    throw new RangeError(`the model does not know column '${unknown}'; it takes ${[...names].join(', ')}`)
  return preprocessor.columns.map((fitted) => {
    const column = Object.hasOwn(frame.columns, fitted.name) ? frame.columns[fitted.name] : undefined
    return columnEncoder(fitted, column, preprocessor.prior)
  })
}
