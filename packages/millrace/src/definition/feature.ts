import type { ColumnType } from '@millrace/protocol'
import type { Column } from './column.ts'
import type { Duration } from './duration.ts'

/** A SQL scalar expression over a dataset's columns. */
export interface Sql {
  readonly sql: string
}

/** Writes a SQL scalar expression: ``sql`delay > 15` ``. Literals only: a value put in is refused. */
export function sql(text: TemplateStringsArray, ...values: never[]): Sql {
  if (values.length > 0) throw new TypeError('sql`…` takes no values: write the expression out')
  return { sql: text.join('').trim() }
}

/** A feature of a view, before the view gives it a name. */
export type Feature<T extends ColumnType = ColumnType> =
  | { readonly type: T; readonly last: string }
  | {
      readonly type: T
      readonly aggregate: 'count' | 'sum' | 'mean'
      readonly sql?: string
      readonly window: Duration
    }

type Countable = 'int64' | 'float64' | 'boolean'

/** The newest value at or before the time asked for. */
export function last<T extends ColumnType>(column: Column<T>): Feature<T> {
  return { type: column.type, last: column.name }
}

function sum(of: Column<'int64' | 'boolean'>, window: Duration): Feature<'int64'>
function sum(of: Column<'float64'> | Sql, window: Duration): Feature<'float64'>
function sum(of: Column<Countable> | Sql, window: Duration): Feature<'int64' | 'float64'> {
  const type = 'sql' in of || of.type === 'float64' ? 'float64' : 'int64'
  return { type, aggregate: 'sum', sql: expressionOf(of), window }
}

/**
 * Aggregates over the events of one entity in a window that ends at the time asked for (at the last multiple of
 * the view's `every` before it). Booleans count as 0 and 1; without events a count is 0 and the others are null.
 */
export const aggregate = {
  count: (window: Duration): Feature<'int64'> => ({ type: 'int64', aggregate: 'count', window }),
  mean: (of: Column<Countable> | Sql, window: Duration): Feature<'float64'> => ({
    type: 'float64',
    aggregate: 'mean',
    sql: expressionOf(of),
    window,
  }),
  sum,
} as const

function expressionOf(of: Column | Sql): string {
  return 'sql' in of ? of.sql : `"${of.name}"`
}
