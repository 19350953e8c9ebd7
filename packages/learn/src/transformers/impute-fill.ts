import type { Column, ColumnKind } from '../frame.ts'
import type { FitData } from '../learner.ts'
import { findQuantiles } from '../quantiles.ts'
import { countCategories } from './category-counts.ts'
import { presentValues } from './columns.ts'
import { findMoments } from './moments.ts'

export type ImputeStrategy = 'mean' | 'median' | 'mostFrequent' | 'constant'
export type FillValue = number | string | boolean

const typeOf: Readonly<Record<ColumnKind, 'number' | 'string' | 'boolean'>> = {
  numeric: 'number',
  timestamp: 'number',
  categorical: 'string',
  boolean: 'boolean',
}

/** The fills of 'constant' where none is given, and of columns that are kept though they have no value. */
const standardFills: Readonly<Record<ColumnKind, FillValue>> = {
  numeric: 0,
  timestamp: 0,
  categorical: 'missing_value',
  boolean: false,
}

/** Ascending values, each with how often it comes. */
const mostFrequentOf = (counts: ReadonlyMap<number, number>): number => {
  const ascending = [...counts].sort(([a], [b]) => a - b)
  return ascending.reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0]
}

const countNumbers = (values: ArrayLike<number>, weights: Float64Array | undefined): Map<number, number> => {
  const counts = new Map<number, number>()
  for (let row = 0; row < values.length; row += 1)
    counts.set(values[row], (counts.get(values[row]) ?? 0) + (weights === undefined ? 1 : weights[row]))
  return counts
}

const hasValue = (column: Column): boolean => {
  if (column.kind === 'categorical') return column.codes.some((code) => code !== -1)
  if (column.kind === 'boolean') return column.values.some((value) => value !== -1)
  return column.values.some((value) => !Number.isNaN(value))
}

const checkConstant = (name: string, kind: ColumnKind, value: FillValue): FillValue => {
  if (typeof value !== typeOf[kind] || value === '')
    throw new TypeError(
      `impute: fillValue ${JSON.stringify(value)} does not fit column '${name}', which is ${kind}`,
    )
  return kind === 'numeric' ? Math.fround(Number(value)) : value
}

const learnFill = (name: string, column: Column, strategy: ImputeStrategy, data: FitData): FillValue => {
  if (column.kind === 'categorical' || column.kind === 'boolean') {
    if (strategy !== 'mostFrequent')
      throw new TypeError(
        `impute: strategy '${strategy}' takes numbers; column '${name}' is ${column.kind}: use 'mostFrequent' or 'constant'`,
      )
    if (column.kind === 'categorical') {
      const { categories, counts } = countCategories(column, data.weights)
      return categories[counts.indexOf(Math.max(...counts))]
    }
    const counts = countNumbers(column.values, data.weights)
    return (counts.get(1) ?? 0) > (counts.get(0) ?? 0)
  }
  const present = presentValues('impute', name, column.values, data)
  const learn = (): number => {
    if (strategy === 'mean') return findMoments(present).mean
    if (strategy === 'median') return findQuantiles(present.values, [0.5], present.weights)[0]
    return mostFrequentOf(countNumbers(present.values, present.weights))
  }
  return column.kind === 'numeric' ? Math.fround(learn()) : learn()
}

/**
 * What the missing values of a column become. Throws a TypeError for a strategy or constant that does not suit the
 * column, a RangeError for a column without values, unless such ones are kept.
 */
export const findFill = (
  [name, column]: readonly [string, Column],
  {
    strategy,
    fillValue,
    keepEmptyFeatures,
  }: {
    readonly strategy: ImputeStrategy
    readonly fillValue: FillValue | null
    readonly keepEmptyFeatures: boolean
  },
  data: FitData,
): FillValue => {
  if (strategy === 'constant')
    return checkConstant(name, column.kind, fillValue ?? standardFills[column.kind])
  if (hasValue(column)) return learnFill(name, column, strategy, data)
  if (keepEmptyFeatures) return standardFills[column.kind]
  throw new RangeError(
    `impute: column '${name}' has no value in the rows to learn from; leave it out, set keepEmptyFeatures, ` +
      `or use strategy 'constant'`,
  )
}
