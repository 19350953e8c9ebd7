import type { ColumnType } from '@millrace/protocol'

// Numbers of feast.types.ValueType.Enum.
const types: Readonly<Record<number, ColumnType>> = {
  2: 'string',
  3: 'int64',
  4: 'int64',
  5: 'float64',
  6: 'float64',
  7: 'boolean',
  8: 'timestamp',
  32: 'string',
  36: 'string',
  37: 'string',
}

const others: Readonly<Record<number, string>> = {
  1: 'bytes',
  20: 'a map',
  21: 'a list of maps',
  34: 'a struct',
  35: 'a list of structs',
  44: 'a decimal',
  47: 'a map',
  48: 'a timestamp with a zone',
}

/** The type of a column here; JSON and UUIDs are text. Undefined if there is none. */
export function columnTypeOf(valueType: number | undefined): ColumnType | undefined {
  return valueType === undefined ? undefined : types[valueType]
}

/** Names a type that has no column here. */
export function describeType(valueType: number | undefined): string {
  if (valueType === undefined || valueType === 0) return 'of no type'
  return others[valueType] ?? 'a list or a set'
}
