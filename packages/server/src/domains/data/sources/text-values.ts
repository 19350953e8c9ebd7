import type { ColumnType } from '@millrace/protocol'
import { quoteName, quoteText } from '../../../kernel/sql.ts'
import { missingForNaN, sqlType } from '../column-types.ts'

/**
 * SQL that reads a text as a value of a type; NULL if it is none. Times without a zone are UTC. The engine's own cast
 * would round `7.5` to a whole number and pass over the zone of a time.
 */
export function parseText(text: string, type: ColumnType): string {
  if (type === 'string') return text
  // A cast to TIMESTAMP knows no zone; one to TIMESTAMPTZ takes names of zones, too, which readers of CSV do not.
  if (type === 'timestamp')
    return `CASE WHEN TRY_CAST(${text} AS TIMESTAMP) IS NOT NULL THEN CAST(TRY_CAST(${text} AS TIMESTAMPTZ) AS TIMESTAMP) END`
  if (type === 'int64') return parseInteger(text)
  return `TRY_CAST(${text} AS ${sqlType(type)})`
}

/** Only texts that look like it take the slow way through decimals. */
function parseInteger(text: string): string {
  const decimal = `TRY_CAST(${text} AS DECIMAL(38, 9))`
  const whole = `CASE WHEN ${decimal} = trunc(${decimal}) THEN TRY_CAST(${decimal} AS BIGINT) END`
  return `CASE WHEN ${looksFractional(text)} THEN ${whole} ELSE TRY_CAST(${text} AS BIGINT) END`
}

function looksFractional(text: string): string {
  return `(contains(${text}, '.') OR contains(${text}, 'e') OR contains(${text}, 'E'))`
}

/** As {@link parseText}, but what is no value of the type is an error that names the column and the text. */
export function parseTextOrFail(text: string, type: ColumnType, column: string): string {
  if (type === 'string') return text
  const message = `${quoteText(`column "${column}" should be ${type}, found "`)} || left(${text}, 100) || '"'`
  const value = `CASE WHEN ${text} IS NULL THEN NULL ELSE coalesce(${parseText(text, type)}, error(${message})) END`
  return type === 'float64' ? missingForNaN(value) : value
}

/** Whether a text is there and no value of the type. */
export function isUnreadable(text: string, type: ColumnType): string {
  return type === 'string' ? 'false' : `(${text} IS NOT NULL AND ${parseText(text, type)} IS NULL)`
}

/** The columns of a schema out of a relation in which they are text; unreadable values are errors or, leniently, NULL. */
export function parsedColumns(schema: Readonly<Record<string, ColumnType>>, lenient: boolean): string {
  return Object.entries(schema)
    .map(([name, type]) => {
      const text = quoteName(name)
      if (!lenient) return `${parseTextOrFail(text, type, name)} AS ${text}`
      const value = parseText(text, type)
      return `${type === 'float64' ? missingForNaN(value) : value} AS ${text}`
    })
    .join(', ')
}
