import type { ColumnType, Schema } from '@millrace/protocol'
import { quoteName, quoteText } from '../../../kernel/sql.ts'
import type { Lake } from '../../../ports/lake.ts'
import { missingForNaN, sqlType } from '../column-types.ts'
import type { RowReader } from './row-reader.ts'

/** Queries over rows that are read one by one. */
export interface TolerantRows {
  /** Those that can be read, in the columns of the schema. */
  accepted: string
  /** The others, as {@link RowReader.collectRejected} writes them. */
  rejected: string
}

/** The column with the path of the file that a row is in. */
export const fileColumn = 'file$'

/**
 * Rows of which each value is read on its own. `relation` has the columns of the schema and {@link fileColumn};
 * `parse`: SQL that reads a value, NULL if it is none of the type.
 */
export function tolerantRows(
  schema: Schema,
  relation: string,
  parse: (value: string, type: ColumnType) => string,
): TolerantRows {
  const columns = Object.entries(schema).map(([column, type]) => ({ column, type, name: quoteName(column) }))
  const parsed = columns.map(({ name, type }) => {
    const value = parse(name, type)
    return `${type === 'float64' ? missingForNaN(value) : value} AS ${name}`
  })
  const wrong = columns.map(
    ({ column, name, type }) =>
      `WHEN ${name} IS NOT NULL AND ${parse(name, type)} IS NULL THEN ${quoteText(column)}`,
  )
  const each = (value: (one: (typeof columns)[number]) => string) =>
    `CASE column$ ${columns.map((one) => `WHEN ${quoteText(one.column)} THEN ${value(one)}`).join(' ')} END`
  const judged = `(SELECT *, CASE ${wrong.join(' ')} END AS column$ FROM ${relation})`
  return {
    accepted: `SELECT ${parsed.join(', ')} FROM ${judged} WHERE column$ IS NULL`,
    rejected: `SELECT ${fileColumn} AS file, NULL::BIGINT AS line, column$ AS column,
      'the value is no ' || ${each(({ type }) => quoteText(type))} AS reason,
      ${each(({ name }) => `CAST(${name} AS VARCHAR)`)} AS text FROM ${judged} WHERE column$ IS NOT NULL`,
  }
}

/** A typed value as one of the column's type. */
export const tryCast = (value: string, type: ColumnType) => `TRY_CAST(${value} AS ${sqlType(type)})`

/** What a reader can do with rows that are read one by one. */
export function passingOver(
  lake: Lake,
  rows: readonly TolerantRows[],
): Required<Pick<RowReader, 'accepted' | 'collectRejected'>> {
  const united = (key: keyof TolerantRows) => rows.map((one) => one[key]).join(' UNION ALL ')
  return {
    accepted: `(${united('accepted')})`,
    async collectRejected(path, options) {
      await lake.writeParquet(`${united('rejected')} ORDER BY ALL`, path, options)
    },
  }
}
