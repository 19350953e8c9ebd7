import type { CategoricalColumn, Column } from '../frame.ts'
import { findQuantiles } from '../quantiles.ts'

/** A value that a column can be set to. */
export type GridValue = number | string | boolean

export interface GridOptions {
  /** At most so many values of a column of numbers or times. Default 100. */
  readonly gridResolution?: number
  /** The quantiles between which they lie. Default 0.05 and 0.95. */
  readonly percentiles?: readonly [number, number]
}

const numbersOnGrid = (values: ArrayLike<number>, options: GridOptions): number[] => {
  const { gridResolution = 100, percentiles: [low, high] = [0.05, 0.95] } = options
  if (!(Number.isInteger(gridResolution) && gridResolution >= 2 && gridResolution <= 10_000))
    throw new RangeError(`gridResolution must be an integer from 2 to 10000, not ${gridResolution}`)
  if (!(low >= 0 && low < high && high <= 1))
    throw new RangeError(`percentiles must be 0 <= low < high <= 1, not ${low} and ${high}`)
  const distinct = new Set<number>()
  for (let row = 0; row < values.length && distinct.size <= gridResolution; row += 1)
    if (!Number.isNaN(values[row])) distinct.add(values[row])
  if (distinct.size <= gridResolution) return [...distinct].sort((a, b) => a - b)
  const shares = Array.from(
    { length: gridResolution },
    (_, index) => low + ((high - low) * index) / (gridResolution - 1),
  )
  return [...new Set(findQuantiles(values, shares))]
}

/** Categories that occur, in their order. */
const occurring = ({ codes, categories }: CategoricalColumn): string[] => {
  const occurs = new Uint8Array(categories.length)
  for (const code of codes) if (code !== -1) occurs[code] = 1
  return categories.filter((_, code) => occurs[code] === 1)
}

/**
 * Values to set a column to: the categories or truth values that occur, the numbers if there are few, else their
 * quantiles, evenly spaced, so that there are more values where there are more rows. Throws a RangeError for wrong
 * options and a column without any value.
 */
export const gridOf = (name: string, column: Column, options: GridOptions): GridValue[] => {
  const find = (): GridValue[] => {
    if (column.kind === 'categorical') return occurring(column)
    if (column.kind === 'boolean')
      return [false, true].filter((value) => column.values.includes(Number(value)))
    return numbersOnGrid(column.values, options)
  }
  const grid = find()
  if (grid.length === 0)
    throw new RangeError(`column '${name}' is missing in every row; there is nothing to vary`)
  return grid
}

/** The column with this value in every row. Throws a TypeError for a value that it cannot hold. */
export const constantColumn = (name: string, column: Column, value: GridValue): Column => {
  const refuse = (): never => {
    throw new TypeError(`column '${name}' is ${column.kind}; it cannot hold ${JSON.stringify(value)}`)
  }
  if (column.kind === 'categorical') {
    if (typeof value !== 'string' || value === '') return refuse()
    const known = column.categories.indexOf(value)
    const categories = known === -1 ? [...column.categories, value] : column.categories
    const code = known === -1 ? column.categories.length : known
    return { kind: 'categorical', categories, codes: new Int32Array(column.codes.length).fill(code) }
  }
  if (column.kind === 'boolean') {
    if (typeof value !== 'boolean') return refuse()
    return { kind: 'boolean', values: new Int8Array(column.values.length).fill(value ? 1 : 0) }
  }
  if (typeof value !== 'number' || !Number.isFinite(value)) return refuse()
  return column.kind === 'numeric'
    ? { kind: 'numeric', values: new Float32Array(column.values.length).fill(value) }
    : { kind: 'timestamp', values: new Float64Array(column.values.length).fill(value) }
}
