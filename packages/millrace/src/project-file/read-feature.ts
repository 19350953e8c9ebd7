import type { AggregateFunction, Schema } from '@millrace/protocol'
import type { Column, ColumnsOf } from '../definition/column.ts'
import type { Duration } from '../definition/duration.ts'
import { aggregate, type Feature, last, type Sql } from '../definition/feature.ts'
import { type Fields, fieldsOf } from './fields.ts'
import { featureFields, readFeatureOptions } from './read-options.ts'

/** As the functions are called by a file, whose types are known only when it is read. */
type Aggregate = (of: Column<never> | Sql, window: Duration, options?: { rank?: number }) => Feature

/** What is taken of an expression, and not only of a column. */
const ofExpressions: readonly AggregateFunction[] = ['sum', 'mean', 'std', 'min', 'max', 'distinct']
const numbers = ['int64', 'float64', 'boolean']
const operands: Partial<Record<AggregateFunction, readonly string[]>> = {
  sum: numbers,
  mean: numbers,
  std: numbers,
  min: ['int64', 'float64', 'timestamp'],
  max: ['int64', 'float64', 'timestamp'],
}

/**
 * Reads `{ last: column }`, or `{ aggregate: function, of: column, window }` with `sql` in place of `of`; beside it what
 * the feature is, and which values it may have.
 * @throws TypeError that says where in the file something is wrong
 */
export function readFeature(value: unknown, at: string, columns: ColumnsOf<Schema>): Feature {
  const fields = fieldsOf(value, at, ['last', 'aggregate', 'of', 'sql', 'window', 'rank', ...featureFields])
  if (fields.has('last')) fieldsOf(value, at, ['last', ...featureFields])
  const feature = readValue(fields, columns)
  const options = readFeatureOptions(fields, feature.type)
  return Object.keys(options).length === 0 ? feature : { ...feature, options }
}

function readValue(fields: Fields, columns: ColumnsOf<Schema>): Feature {
  const { at } = fields
  const column = (field: string) => columns[fields.text(field)] as Column<never>
  if (fields.has('last')) return last(column('last'))
  const name = fields.text('aggregate') as AggregateFunction
  if (!Object.hasOwn(aggregate, name))
    throw new TypeError(`${at}.aggregate must be one of ${Object.keys(aggregate).join(', ')}, got "${name}"`)
  const window = fields.text('window') as Duration
  const rank = fields.get('rank')
  if (rank !== undefined && name !== 'top') throw new TypeError(`${at}.rank is for top, not for ${name}`)
  if (name === 'count') {
    if (fields.has('of') || fields.has('sql'))
      throw new TypeError(`${at}: count is of events, without "of" or "sql"`)
    return aggregate.count(window)
  }
  if (fields.has('of') === fields.has('sql'))
    throw new TypeError(`${at} needs either "of", a column, or "sql"`)
  const take = aggregate[name] as Aggregate
  if (fields.has('sql')) {
    if (!ofExpressions.includes(name))
      throw new TypeError(`${at}: ${name} is of a column; derive one in the dataset`)
    return take({ sql: fields.text('sql').trim() }, window)
  }
  const of: Column = column('of')
  const types = operands[name]
  if (types && !types.includes(of.type))
    throw new TypeError(`${at}: ${name} is of ${types.join(', ')}, but "${of.name}" is ${of.type}`)
  return take(of as Column<never>, window, rank === undefined ? {} : { rank: rank as number })
}
