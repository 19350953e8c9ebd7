import type { ColumnType, Schema } from '@millrace/protocol'
import { quoteName, quoteText } from './sql.ts'

/** SQL of the lines of segments as rows with these columns (name -> type of the lake); lines that cannot be read are rows of nulls. */
export function readSegments(files: readonly string[], columns: Record<string, string>): string {
  const entries = Object.entries(columns)
  if (files.length === 0) {
    return `SELECT ${entries.map(([name, type]) => `NULL::${type} AS ${quoteName(name)}`).join(', ')} WHERE false`
  }
  const types = entries.map(([name, type]) => `${quoteText(name)}: ${quoteText(type)}`).join(', ')
  return `SELECT * FROM read_json([${files.map(quoteText).join(', ')}], format = 'newline_delimited',
    columns = {${types}}, ignore_errors = true, hive_partitioning = false)`
}

/** The lake's type of an object with these columns. */
export function structOf(schema: Schema): string {
  const fields = Object.entries(schema).map(([name, type]) => `${quoteName(name)} ${engineType(type)}`)
  return fields.length > 0 ? `STRUCT(${fields.join(', ')})` : 'JSON'
}

/** A definition may change a type later: doubles hold old and new numbers alike. */
function engineType(type: ColumnType): string {
  if (type === 'string') return 'VARCHAR'
  return type === 'boolean' ? 'BOOLEAN' : 'DOUBLE'
}
