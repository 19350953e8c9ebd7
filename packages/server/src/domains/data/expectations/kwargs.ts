import { type ColumnType, type Expectation, fail, type Schema } from '@millrace/protocol'
import { findLiteral } from '../column-types.ts'
import type { ColumnUse } from './rule.ts'
import { columnUse } from './scan.ts'

/** Values of one list in kwargs: what a statement can hold. */
const maxValues = 10_000

export interface Bounds {
  min?: number | string
  max?: number | string
  strictMin: boolean
  strictMax: boolean
}

export type Kwargs = ReturnType<typeof readKwargs>

/**
 * Reads the kwargs of an expectation, each by its name and meaning; `finish` refuses those that nothing asked for.
 * All methods throw `definition.invalid`, which names the expectation, the kwarg and its value.
 */
export function readKwargs(dataset: string, { type, kwargs }: Expectation, columns: Schema) {
  const asked = new Set<string>()
  const refuse = (reason: string) => {
    const column = typeof kwargs.column === 'string' ? ` of column "${kwargs.column}"` : ''
    return fail('definition.invalid', {
      kind: 'dataset',
      name: dataset,
      reason: `the expectation ${type}${column} ${reason}`,
    })
  }
  const given = (field: string): unknown => {
    asked.add(field)
    return kwargs[field] ?? undefined
  }
  const bad = (field: string, wanted: string) => {
    const value = kwargs[field]
    return refuse(
      value === undefined
        ? `needs the kwarg "${field}", ${wanted}`
        : `needs ${wanted} as "${field}", got ${JSON.stringify(value).slice(0, 100)}`,
    )
  }
  const find = (name: unknown, field: string, types?: readonly ColumnType[]): ColumnUse => {
    if (typeof name !== 'string' || !Object.hasOwn(columns, name))
      throw bad(field, `one of the columns ${Object.keys(columns).join(', ')}`)
    if (types && !types.includes(columns[name]))
      throw refuse(`needs a column of type ${types.join(' or ')}; "${name}" is ${columns[name]}`)
    return columnUse(name, columns[name])
  }
  const list = (field: string, wanted: string): unknown[] => {
    const value = given(field)
    if (!Array.isArray(value) || value.length === 0) throw bad(field, wanted)
    if (value.length > maxValues)
      throw refuse(`has ${value.length} values as "${field}"; at most ${maxValues} are taken`)
    return value
  }
  const literalsOf = (field: string, values: unknown, type: ColumnType): string[] => {
    if (!Array.isArray(values) || values.length === 0) throw bad(field, `a list of ${type} values`)
    if (values.length > maxValues)
      throw refuse(`has ${values.length} values as "${field}"; at most ${maxValues} are taken`)
    return values.map((value) => {
      const literal = findLiteral(value, type)
      if (literal === undefined) throw bad(field, `a list of ${type} values`)
      return literal
    })
  }
  const flag = (field: string, otherwise: boolean): boolean => {
    const value = given(field) ?? otherwise
    if (typeof value !== 'boolean') throw bad(field, 'true or false')
    return value
  }
  const number = (field: string): number => {
    const value = given(field)
    if (typeof value !== 'number' || !Number.isFinite(value)) throw bad(field, 'a number')
    return value
  }
  const text = (field: string): string => {
    const value = given(field)
    if (typeof value !== 'string' || value === '') throw bad(field, 'a text')
    return value
  }
  const bound = (field: string, type: ColumnType): number | string | undefined => {
    const value = given(field)
    if (value === undefined) return undefined
    const read = type === 'timestamp' && typeof value === 'string' ? Date.parse(value) : value
    if (type === 'string' ? typeof read !== 'string' : !Number.isFinite(read))
      throw bad(field, type === 'timestamp' ? 'a time' : type === 'string' ? 'a text' : 'a number')
    return read as number | string
  }

  return {
    type,
    columns,
    refuse,
    given,
    flag,
    number,
    text,
    column: (types?: readonly ColumnType[], field = 'column') => find(given(field), field, types),
    /** At least two columns. */
    columnList(types?: readonly ColumnType[]): ColumnUse[] {
      const names = list('column_list', 'a list of columns')
      if (names.length < 2) throw bad('column_list', 'two columns or more')
      return names.map((name) => find(name, 'column_list', types))
    },
    texts(field: string): string[] {
      const values = list(field, 'a list of texts')
      if (!values.every((one) => typeof one === 'string')) throw bad(field, 'a list of texts')
      return values as string[]
    },
    /** Values of a column's type as literals of the lake. */
    literals: (field: string, type: ColumnType) => literalsOf(field, given(field), type),
    /** The same, of a list that is a part of a kwarg. */
    literalsOf,
    list,
    oneOf<Value extends string>(field: string, values: readonly Value[], otherwise: Value): Value {
      const value = given(field) ?? otherwise
      if (!values.includes(value as Value)) throw bad(field, `one of ${values.join(', ')}`)
      return value as Value
    },
    /** `min_value` and `max_value` in a type's plain values (times: milliseconds); at least one of them. */
    bounds(type: ColumnType = 'float64'): Bounds {
      const [min, max] = [bound('min_value', type), bound('max_value', type)]
      if (min === undefined && max === undefined) throw refuse('needs min_value or max_value')
      if (min !== undefined && max !== undefined && min > max)
        throw refuse(`has the min_value ${min} above the max_value ${max}`)
      return { min, max, strictMin: flag('strict_min', false), strictMax: flag('strict_max', false) }
    },
    /** Share of the judged rows that must pass. */
    mostly(): number {
      const value = given('mostly') ?? 1
      if (typeof value !== 'number' || !(value >= 0 && value <= 1)) throw bad('mostly', 'a share from 0 to 1')
      return value
    },
    finish(): void {
      const unknown = Object.keys(kwargs).find((name) => !asked.has(name))
      if (unknown !== undefined)
        throw refuse(`does not take the kwarg "${unknown}"; it takes ${[...asked].sort().join(', ')}`)
    },
  }
}

/** Whether a plain value lies within bounds; what is not there does not. */
export function isWithin(value: unknown, { min, max, strictMin, strictMax }: Bounds): boolean {
  if (value === null || value === undefined || Number.isNaN(value)) return false
  const found = value as number
  if (min !== undefined && (strictMin ? found <= (min as number) : found < (min as number))) return false
  return max === undefined || (strictMax ? found < (max as number) : found <= (max as number))
}
