import type { Column, ColumnKind } from '../frame.ts'
import type { FitData } from '../learner.ts'
import { countCategories } from './category-counts.ts'
import { presentValues } from './columns.ts'
import { countValues, quantilesOf } from './counted-values.ts'
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
      return categories[counts.indexOf(counts.reduce((most, count) => Math.max(most, count), 0))]
    }
    let balance = 0
    column.values.forEach((value, row) => {
      if (value !== -1) balance += (value === 1 ? 1 : -1) * (data.weights?.[row] ?? 1)
    })
    return balance > 0
  }
  const present = presentValues('impute', name, column.values, data)
  const learn = (): number => {
    if (strategy === 'mean') return findMoments(present).mean
    if (strategy === 'median') return quantilesOf(present, [0.5])[0]
    const { values, counts } = countValues(present)
    return values[counts.indexOf(counts.reduce((most, count) => Math.max(most, count), 0))]
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
