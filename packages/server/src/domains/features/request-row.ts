import { type ColumnType, fail, type Schema } from '@millrace/protocol'
import { type FeatureValue, toFeatureValue } from './on-demand.ts'
import type { RangeCheck } from './range.ts'

/** A row as a caller sends it: times as `Date`, ISO text or milliseconds. */
export type RequestRow = Readonly<Record<string, unknown>>

const accepted: Record<ColumnType, string> = {
  string: 'must be a text',
  int64: 'must be a whole number',
  float64: 'must be a finite number',
  boolean: 'must be true or false',
  timestamp: 'must be a time (ISO text or milliseconds)',
}

/**
 * A reader of request rows: values in the order of the schema, times in milliseconds. Null is a missing value,
 * except in the column `timestamp`.
 * @param checks of the values, in the order of the schema
 */
export function createRowParser(
  schema: Schema,
  timestamp: string | undefined,
  checks?: readonly (RangeCheck | undefined)[],
): (row: RequestRow, at: number) => FeatureValue[] {
  const columns = Object.entries(schema)
  const known = new Set(Object.keys(schema))
  return (row, at) => {
    const values: FeatureValue[] = []
    for (const [name, type] of columns) {
      const given = row[name]
      const value = given === undefined ? undefined : toFeatureValue(given, type)
      if (value === undefined || (value === null && name === timestamp)) {
        throw fail('feature.row_invalid', {
          row: at,
          field: name,
          expected: given === undefined ? 'is required' : accepted[type],
          value: given === undefined ? 'nothing' : JSON.stringify(given),
        })
      }
      const check = checks?.[values.length]
      values.push(check === undefined || check.contains(value) ? value : check.replace(value, at))
    }
    for (const name in row) {
      if (!known.has(name)) {
        throw fail('feature.row_invalid', {
          row: at,
          field: name,
          expected: `is not known, there are ${[...known].join(', ')}`,
          value: JSON.stringify(row[name]),
        })
      }
    }
    return values
  }
}
