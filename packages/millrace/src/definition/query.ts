import type { Schema } from '@millrace/protocol'
import { type Columns, checkPlain, type SchemaOf, schemaOf } from './column.ts'
import type { Dataset } from './dataset.ts'
import { checkColumnNames } from './names.ts'

/** Rows made of several datasets: what a feature view may be from, in place of a dataset. */
export interface Query<S extends Schema = Schema> {
  readonly kind: 'query'
  /** For messages. */
  readonly name: string
  readonly sql: string
  readonly uses: readonly [Dataset, ...Dataset[]]
  readonly columns: S
  readonly timestamp: string
}

export interface QueryOptions<C extends Columns> {
  /** The datasets that the text reads, by their names; the first one's versions are what is materialized. */
  uses: readonly [Dataset, ...Dataset[]]
  /** Columns that the query gives. */
  columns: C
  /** Column that says when a row became known. */
  timestamp: { [K in keyof C]: C[K]['type'] extends 'timestamp' ? K : never }[keyof C] & string
}

/** @throws TypeError for a name that cannot be a column, or a timestamp that is none */
export function query<C extends Columns>(text: string, options: QueryOptions<C>): Query<SchemaOf<C>> {
  const columns = schemaOf(options.columns)
  const name = options.uses.map((used) => used.name).join(', ')
  checkColumnNames(`query over ${name}`, Object.keys(columns))
  checkPlain(`query over ${name}`, options.columns)
  if ((columns as Schema)[options.timestamp] !== 'timestamp')
    throw new TypeError(
      `query over ${name}: timestamp must name a timestamp column, got "${options.timestamp}"`,
    )
  return { kind: 'query', name, sql: text.trim(), uses: options.uses, columns, timestamp: options.timestamp }
}
