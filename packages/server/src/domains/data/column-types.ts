import type { ColumnType, Schema } from '@millrace/protocol'
import { quoteName, quoteText } from '../../kernel/sql.ts'

const sqlTypes: Record<ColumnType, string> = {
  string: 'VARCHAR',
  int64: 'BIGINT',
  float64: 'DOUBLE',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP',
}
const integers = [
  'TINYINT',
  'SMALLINT',
  'INTEGER',
  'BIGINT',
  'UTINYINT',
  'USMALLINT',
  'UINTEGER',
  'UBIGINT',
  'HUGEINT',
]
const times = ['TIMESTAMP', 'TIMESTAMP_S', 'TIMESTAMP_MS', 'TIMESTAMP_NS', 'TIMESTAMP WITH TIME ZONE', 'DATE']

/** The lake's type of a column type. */
export function sqlType(type: ColumnType): string {
  return sqlTypes[type]
}

/** Whether a value of the lake's type `found` becomes `type` without loss of meaning (text is never parsed). */
export function fitsType(found: string, type: ColumnType): boolean {
  if (found === '"NULL"') return true
  switch (type) {
    case 'string':
      return found === 'VARCHAR' || found.startsWith('ENUM(')
    case 'int64':
      return integers.includes(found)
    case 'float64':
      return integers.includes(found) || ['DOUBLE', 'FLOAT'].includes(found) || found.startsWith('DECIMAL(')
    case 'boolean':
      return found === 'BOOLEAN'
    case 'timestamp':
      return times.includes(found)
  }
}

/** NaN means missing everywhere in the platform, so a version holds it as NULL. */
export function missingForNaN(value: string): string {
  return `nullif(${value}, 'NaN'::DOUBLE)`
}

/** A relation without rows that has the columns of a schema. */
export function emptyRelation(schema: Schema): string {
  const list = Object.entries(schema).map(([name, type]) => `NULL::${sqlType(type)} AS ${quoteName(name)}`)
  return `(SELECT ${list.join(', ')} WHERE false)`
}

/** Milliseconds as a TIMESTAMP literal. */
export function timeLiteral(ms: number): string {
  return `make_timestamp(${BigInt(Math.round(ms * 1000))})`
}

/**
 * A JSON value as a literal of a column's type; times are ISO text or milliseconds. Undefined when the value does
 * not fit the type.
 */
export function findLiteral(value: unknown, type: ColumnType): string | undefined {
  if (type === 'string') return typeof value === 'string' ? quoteText(value) : undefined
  if (type === 'boolean') return typeof value === 'boolean' ? String(value) : undefined
  if (type === 'timestamp') {
    const ms = typeof value === 'string' ? Date.parse(value) : value
    return typeof ms === 'number' && Number.isFinite(ms) ? timeLiteral(ms) : undefined
  }
  return typeof value === 'number' && Number.isFinite(value) ? numberLiteral(value) : undefined
}

/** Large and fractional numbers go through text, so the lake reads the double and not a DECIMAL near it. */
function numberLiteral(value: number): string {
  return Number.isSafeInteger(value) ? String(value) : `'${value}'::DOUBLE`
}
