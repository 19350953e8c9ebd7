import type { AggregateFunction, ColumnType } from '@millrace/protocol'
import type { Column, Columns, SchemaOf } from './column.ts'
import type { Duration } from './duration.ts'
import type { FeatureOptions } from './feature-options.ts'
import { type Query, type QueryOptions, query } from './query.ts'

/** A SQL scalar expression over a dataset's columns. */
export interface Sql {
  readonly sql: string
}

/** Writes a SQL scalar expression: ``sql`delay > 15` ``. Literals only: a value put in is refused. */
export function sql(text: TemplateStringsArray, ...values: never[]): Sql
/**
 * Writes a query for a feature view to be from: rows of datasets, chosen, computed, joined and put together, but not
 * grouped, ordered or limited.
 * @throws TypeError for a name that cannot be a column, or a timestamp that is none
 */
export function sql<C extends Columns>(text: string, options: QueryOptions<C>): Query<SchemaOf<C>>
export function sql(text: TemplateStringsArray | string, ...values: unknown[]): Sql | Query {
  if (typeof text === 'string') return query(text, values[0] as QueryOptions<Columns>) as Query
  if (values.length > 0) throw new TypeError('sql`…` takes no values: write the expression out')
  return { sql: text.join('').trim() }
}

/** A feature of a view, before the view gives it a name. */
export type Feature<T extends ColumnType = ColumnType> =
  | { readonly type: T; readonly last: string; readonly options?: FeatureOptions<T> }
  | {
      readonly type: T
      readonly options?: FeatureOptions<T>
      readonly aggregate: AggregateFunction
      readonly sql?: string
      readonly window: Duration
      readonly rank?: number
    }

type Countable = 'int64' | 'float64' | 'boolean'
type Ordered = 'int64' | 'float64' | 'timestamp'

/** The newest value at or before the time asked for. */
export function last<T extends ColumnType>(
  column: Column<T>,
  options?: FeatureOptions<NoInfer<T>>,
): Feature<T> {
  return { type: column.type, last: column.name, ...(options && { options }) }
}

function sum(
  of: Column<'int64' | 'boolean'>,
  window: Duration,
  options?: FeatureOptions<'int64'>,
): Feature<'int64'>
function sum(
  of: Column<'float64'> | Sql,
  window: Duration,
  options?: FeatureOptions<'float64'>,
): Feature<'float64'>
function sum(
  of: Column<Countable> | Sql,
  window: Duration,
  options?: FeatureOptions<'int64' | 'float64'>,
): Feature<'int64' | 'float64'> {
  const type = 'sql' in of || of.type === 'float64' ? 'float64' : 'int64'
  return { type, aggregate: 'sum', sql: expressionOf(of), window, ...(options && { options }) }
}

function fraction(aggregate: 'mean' | 'std') {
  return (
    of: Column<Countable> | Sql,
    window: Duration,
    options?: FeatureOptions<'float64'>,
  ): Feature<'float64'> => ({
    type: 'float64',
    aggregate,
    sql: expressionOf(of),
    window,
    ...(options && { options }),
  })
}

function extreme(aggregate: 'min' | 'max') {
  function take<T extends Ordered>(
    of: Column<T>,
    window: Duration,
    options?: FeatureOptions<NoInfer<T>>,
  ): Feature<T>
  function take(of: Sql, window: Duration, options?: FeatureOptions<'float64'>): Feature<'float64'>
  function take(
    of: Column<Ordered> | Sql,
    window: Duration,
    options?: FeatureOptions<Ordered>,
  ): Feature<Ordered> {
    const type = 'sql' in of ? 'float64' : of.type
    return { type, aggregate, sql: expressionOf(of), window, ...(options && { options }) }
  }
  return take
}

function end(aggregate: 'first' | 'last') {
  return <T extends ColumnType>(
    of: Column<T>,
    window: Duration,
    options?: FeatureOptions<NoInfer<T>>,
  ): Feature<T> => ({
    type: of.type,
    aggregate,
    sql: expressionOf(of),
    window,
    ...(options && { options }),
  })
}

/**
 * Aggregates over the events of one entity in a window that ends at the time asked for (at the last multiple of
 * the view's `every` before it). A window as long as `every` tumbles, a longer one slides by it. Values that are
 * missing do not count; without any, `count` and `distinct` are 0 and the others are null. Booleans are summed as 0
 * and 1. The last argument describes the feature and bounds its values: `{ description, min: 0 }`.
 */
export const aggregate = {
  /** Number of events. */
  count: (window: Duration, options?: FeatureOptions<'int64'>): Feature<'int64'> => ({
    type: 'int64',
    aggregate: 'count',
    window,
    ...(options && { options }),
  }),
  sum,
  mean: fraction('mean'),
  /** Standard deviation of the sample; null for fewer than two values. */
  std: fraction('std'),
  min: extreme('min'),
  max: extreme('max'),
  /** The value of the earliest event that has one; of several at one microsecond the least. */
  first: end('first'),
  /** The value of the latest event that has one; of several at one microsecond the greatest. */
  last: end('last'),
  /** Number of distinct values, exactly. */
  distinct: (of: Column | Sql, window: Duration, options?: FeatureOptions<'int64'>): Feature<'int64'> => ({
    type: 'int64',
    aggregate: 'distinct',
    sql: expressionOf(of),
    window,
    ...(options && { options }),
  }),
  /**
   * The value that occurs most often, of equally frequent ones the least; with `rank` the second, third and so on. The
   * k most frequent values are k features.
   */
  top: <T extends ColumnType>(
    of: Column<T>,
    window: Duration,
    { rank, ...options }: { rank?: number } & FeatureOptions<NoInfer<T>> = {},
  ): Feature<T> => ({
    type: of.type,
    aggregate: 'top',
    sql: expressionOf(of),
    window,
    ...(rank !== undefined && { rank }),
    options,
  }),
} as const

function expressionOf(of: Column | Sql): string {
  return 'sql' in of ? of.sql : `"${of.name}"`
}
