import type { ColumnType } from '@millrace/protocol'
import type { Compile } from './rule.ts'

/** What pandas, NumPy, Python and SQL engines call our types, in small letters. */
const names: Record<ColumnType, readonly string[]> = {
  string: ['string', 'str', 'object', 'varchar', 'text', 'char', 'nvarchar', 'stringtype', 'string_type'],
  int64: ['int64', 'int', 'integer', 'bigint', 'long', 'longtype', 'integertype', 'int8', 'biginteger'],
  float64: ['float64', 'float', 'double', 'double_precision', 'double precision', 'doubletype', 'float8'],
  boolean: ['boolean', 'bool', 'bool_', 'booleantype'],
  timestamp: ['timestamp', 'datetime', 'datetime64', 'datetime64[ns]', 'datetime64[us]', 'timestamptype'],
}
const others = [
  'int32',
  'int16',
  'smallint',
  'tinyint',
  'float32',
  'real',
  'decimal',
  'numeric',
  'date',
  'time',
  'bytes',
  'json',
  'uuid',
]

/** A column has one type for all of its rows, so it is the column that is judged. */
const typeIn =
  (field: 'type_' | 'type_list', isMap: boolean): Compile =>
  (kwargs) => {
    const { type } = kwargs.column()
    if (isMap) kwargs.mostly()
    const wanted = field === 'type_' ? [kwargs.text(field)] : kwargs.texts(field)
    const known = [...Object.values(names).flat(), ...others]
    const strange = wanted.find((one) => !known.includes(one.toLowerCase()))
    if (strange !== undefined)
      throw kwargs.refuse(`has the unknown type "${strange}"; types are ${Object.keys(names).join(', ')}`)
    const success = wanted.some((one) => names[type].includes(one.toLowerCase()))
    return { judge: () => ({ success, result: { observed_value: type } }) }
  }

export const columnTypeRules = {
  expect_column_values_to_be_of_type: typeIn('type_', true),
  expect_column_values_to_be_in_type_list: typeIn('type_list', true),
  expect_column_type_to_be: typeIn('type_', false),
} satisfies Record<string, Compile>
