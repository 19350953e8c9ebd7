import type { CategoricalColumn, Column, ColumnKind, Frame, NumericColumn } from '../frame.ts'
import type { FitData } from '../learner.ts'
import type { OnnxGraph, OnnxTensor } from '../onnx/graph.ts'
import type { OnnxColumns } from '../transformer.ts'

/** The names of the frame's columns. Throws a TypeError for one of a kind that the transformer does not take. */
export const requireKinds = (transformer: string, frame: Frame, kinds: readonly ColumnKind[]): string[] => {
  for (const [name, { kind }] of Object.entries(frame.columns))
    if (!kinds.includes(kind))
      throw new TypeError(`${transformer} takes ${kinds.join(' and ')} columns; column '${name}' is ${kind}`)
  return Object.keys(frame.columns)
}

const requireColumn = <K extends ColumnKind>(
  frame: Frame,
  name: string,
  kind: K,
): Column & { readonly kind: K } => {
  const column = Object.hasOwn(frame.columns, name) ? frame.columns[name] : undefined
  if (column?.kind !== kind)
    throw new TypeError(
      column === undefined
        ? `the frame lacks column '${name}'`
        : `column '${name}' is ${column.kind}; the transformer was fitted to ${kind}`,
    )
  return column as Column & { readonly kind: K }
}

/** The numbers of a column. Throws a TypeError if there is none of this name or kind. */
export const numbersOf = (frame: Frame, name: string): Float32Array =>
  requireColumn(frame, name, 'numeric').values
/** The times of a column. Throws a TypeError if there is none of this name or kind. */
export const timesOf = (frame: Frame, name: string): Float64Array =>
  requireColumn(frame, name, 'timestamp').values
/** The truth values of a column. Throws a TypeError if there is none of this name or kind. */
export const truthsOf = (frame: Frame, name: string): Int8Array =>
  requireColumn(frame, name, 'boolean').values
/** The categories of a column. Throws a TypeError if there is none of this name or kind. */
export const categoriesOf = (frame: Frame, name: string): CategoricalColumn =>
  requireColumn(frame, name, 'categorical')

const indexes = new WeakMap<readonly string[], ReadonlyMap<string, number>>()

/** The place of each category in a list. Remembered: a list of thousands must not be read anew for each row served. */
const indexCategories = (categories: readonly string[]): ReadonlyMap<string, number> => {
  const known = indexes.get(categories)
  if (known) return known
  const made = new Map(categories.map((category, index) => [category, index]))
  indexes.set(categories, made)
  return made
}

/** For each category of the column its place in a list, or what `unknown` says of one that is not there. */
export const placeCategories = (
  { categories }: CategoricalColumn,
  list: readonly string[],
  unknown: (category: string) => number,
): number[] => {
  const index = indexCategories(list)
  return categories.map((category) => index.get(category) ?? unknown(category))
}

export const numeric = (values: Float32Array): NumericColumn => ({ kind: 'numeric', values })

/** A frame of these columns; a name that occurs twice is refused with a RangeError. */
export const frameOf = (rows: number, entries: readonly (readonly [string, Column])[]): Frame => {
  const names = new Set<string>()
  for (const [name] of entries) {
    if (names.has(name))
      throw new RangeError(`two columns would be called '${name}'; rename one, or leave it out`)
    names.add(name)
  }
  return { rows, columns: Object.fromEntries(entries) }
}

/** Numbers of the same columns, each computed from its own by a function made for it. */
export const mapNumbers = (
  frame: Frame,
  names: readonly string[],
  functionOf: (index: number) => (value: number) => number,
): Frame =>
  frameOf(
    frame.rows,
    names.map((name, index) => [name, numeric(numbersOf(frame, name).map(functionOf(index)))]),
  )

/**
 * The values of a column that are not missing, with the weights of their rows. Throws a RangeError if there is none:
 * nothing can be learnt from such a column.
 */
export const presentValues = (
  transformer: string,
  name: string,
  values: Float32Array | Float64Array,
  { weights }: FitData,
): { values: Float64Array; weights: Float64Array | undefined } => {
  const present = new Float64Array(values.length)
  const own = weights && new Float64Array(values.length)
  let count = 0
  for (let row = 0; row < values.length; row += 1) {
    if (Number.isNaN(values[row])) continue
    present[count] = values[row]
    if (own && weights) own[count] = weights[row]
    count += 1
  }
  if (count === 0)
    throw new RangeError(
      `${transformer}: column '${name}' has no value in the rows to learn from; leave it out, or impute a constant before`,
    )
  return { values: present.subarray(0, count), weights: own?.subarray(0, count) }
}

// 2 GiB of float32.
const mostCells = 2 ** 29

/** Throws a RangeError if so many columns would take more memory than is reasonable. */
export const checkSize = (transformer: string, columns: number, rows: number, remedy: string): void => {
  if (columns * rows > mostCells)
    throw new RangeError(
      `${transformer} would make ${columns} columns of ${rows} rows, more than ${mostCells} numbers; ${remedy}`,
    )
}

/** The tensor of a column. */
export const tensorOf = (columns: OnnxColumns, name: string): OnnxTensor => {
  const tensor = columns.get(name)
  if (!tensor) throw new RangeError(`the graph lacks column '${name}'`)
  return tensor
}

/** The columns side by side, [rows, names]. */
export const joinColumns = (graph: OnnxGraph, columns: OnnxColumns, names: readonly string[]): OnnxTensor =>
  graph.join(names.map((name) => tensorOf(columns, name)))

/** The columns of a tensor under these names. */
export const nameColumns = (graph: OnnxGraph, tensor: OnnxTensor, names: readonly string[]): OnnxColumns =>
  new Map(graph.split(tensor).map((piece, index) => [names[index], piece]))
