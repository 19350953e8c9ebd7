import type { ColumnType } from '@millrace/protocol'
import { findLiteral } from '../column-types.ts'
import type { Bounds } from './kwargs.ts'
import type { ColumnUse, Compile, RowRule } from './rule.ts'

/** Values of one column, nulls left out: `unexpected` must not be true for null. */
export function valueRule(column: ColumnUse, unexpected: string, over: Partial<RowRule> = {}): RowRule {
  return {
    shown: [column],
    shape: 'value',
    judgedCount: `count(${column.sql})`,
    unexpected,
    countsMissing: true,
    ...over,
  }
}

/** Boolean SQL: the value lies outside of the bounds. */
export function outside(value: string, type: ColumnType, { min, max, strictMin, strictMax }: Bounds): string {
  const literal = (bound: number | string) => findLiteral(bound, type)
  const below = min === undefined ? [] : [`${value} ${strictMin ? '<=' : '<'} ${literal(min)}`]
  const above = max === undefined ? [] : [`${value} ${strictMax ? '>=' : '>'} ${literal(max)}`]
  return [...below, ...above].join(' OR ')
}

const toBeNull: Compile = (kwargs, scan) => {
  const column = kwargs.column()
  const present = scan.aggregate(`count(${column.sql})`)
  return valueRule(column, `${column.sql} IS NOT NULL`, {
    judgedCount: undefined,
    count: (read) => Number(read(present)),
    countsMissing: false,
  })
}

const toNotBeNull: Compile = (kwargs, scan) => {
  const column = kwargs.column()
  const [rows, present] = [scan.aggregate('count(*)'), scan.aggregate(`count(${column.sql})`)]
  return valueRule(column, `${column.sql} IS NULL`, {
    judgedCount: undefined,
    count: (read) => Number(read(rows)) - Number(read(present)),
    countsMissing: false,
  })
}

const toBeInSet: Compile = (kwargs) => {
  const column = kwargs.column()
  return valueRule(column, `${column.sql} NOT IN (${kwargs.literals('value_set', column.type).join(', ')})`)
}

const toNotBeInSet: Compile = (kwargs) => {
  const column = kwargs.column()
  return valueRule(column, `${column.sql} IN (${kwargs.literals('value_set', column.type).join(', ')})`)
}

const toBeBetween: Compile = (kwargs) => {
  const column = kwargs.column(['int64', 'float64', 'timestamp', 'string'])
  return valueRule(column, outside(column.sql, column.type, kwargs.bounds(column.type)))
}

export const columnRows = {
  expect_column_values_to_be_null: toBeNull,
  expect_column_values_to_not_be_null: toNotBeNull,
  expect_column_values_to_be_in_set: toBeInSet,
  expect_column_values_to_not_be_in_set: toNotBeInSet,
  expect_column_values_to_be_between: toBeBetween,
} satisfies Record<string, Compile>
