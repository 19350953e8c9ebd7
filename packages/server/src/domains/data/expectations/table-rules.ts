import type { Bounds } from './kwargs.ts'
import { isWithin } from './kwargs.ts'
import type { Compile, Judgement } from './rule.ts'
import { wholeNumber } from './text-rows.ts'

const counted = (observed: number, bounds: Bounds): Judgement => ({
  success: isWithin(observed, bounds),
  result: { observed_value: observed },
})

const exactly = (value: number): Bounds => ({ min: value, max: value, strictMin: false, strictMax: false })

const rowCount: Compile = (kwargs, scan) => {
  const [bounds, rows] = [kwargs.bounds(), scan.aggregate('count(*)')]
  return { judge: (read) => counted(Number(read(rows)), bounds) }
}

const rowCountEquals: Compile = (kwargs, scan) => {
  const [bounds, rows] = [exactly(wholeNumber(kwargs, 'value')), scan.aggregate('count(*)')]
  return { judge: (read) => counted(Number(read(rows)), bounds) }
}

/** Against the newest version of another dataset. */
const rowCountEqualsOther: Compile = (kwargs, scan) => {
  const [other, rows] = [kwargs.text('other_table_name'), scan.aggregate('count(*)')]
  return {
    async judge(read, { rowsOf }) {
      const observed = { self: Number(read(rows)), other: await rowsOf(other) }
      return { success: observed.self === observed.other, result: { observed_value: observed } }
    },
  }
}

const columnCount: Compile = (kwargs) => {
  const bounds = kwargs.bounds()
  return { judge: () => counted(Object.keys(kwargs.columns).length, bounds) }
}

const columnCountEquals: Compile = (kwargs) => {
  const bounds = exactly(wholeNumber(kwargs, 'value'))
  return { judge: () => counted(Object.keys(kwargs.columns).length, bounds) }
}

const columnsInOrder: Compile = (kwargs) => {
  const wanted = kwargs.texts('column_list')
  const found = Object.keys(kwargs.columns)
  const places = Array.from({ length: Math.max(wanted.length, found.length) }, (_, i) => i)
  const mismatched = places
    .filter((i) => wanted[i] !== found[i])
    .map((i) => ({ 'Expected Column Position': i, Expected: wanted[i] ?? null, Found: found[i] ?? null }))
  return {
    judge: () => ({
      success: mismatched.length === 0,
      result: { observed_value: found, ...(mismatched.length > 0 && { details: { mismatched } }) },
    }),
  }
}

const columnSet: Compile = (kwargs) => {
  const wanted = kwargs.texts('column_set')
  const exact = kwargs.flag('exact_match', true)
  const found = Object.keys(kwargs.columns)
  const unexpected = found.filter((name) => !wanted.includes(name)).sort()
  const missing = [...new Set(wanted)].filter((name) => !found.includes(name)).sort()
  const differs = unexpected.length + missing.length > 0
  const mismatched = {
    ...(unexpected.length > 0 && { unexpected }),
    ...(missing.length > 0 && { missing }),
  }
  return {
    judge: () => ({
      success: missing.length === 0 && (!exact || unexpected.length === 0),
      result: differs
        ? { observed_value: [...found].sort(), details: { mismatched } }
        : { observed_value: found },
    }),
  }
}

const columnExists: Compile = (kwargs) => {
  const name = kwargs.text('column')
  const index = kwargs.given('column_index') === undefined ? undefined : wholeNumber(kwargs, 'column_index')
  const found = Object.keys(kwargs.columns)
  const success = index === undefined ? found.includes(name) : found[index] === name
  return { judge: () => ({ success, result: {} }) }
}

export const tableRules = {
  expect_table_row_count_to_be_between: rowCount,
  expect_table_row_count_to_equal: rowCountEquals,
  expect_table_row_count_to_equal_other_table: rowCountEqualsOther,
  expect_table_column_count_to_be_between: columnCount,
  expect_table_column_count_to_equal: columnCountEquals,
  expect_table_columns_to_match_ordered_list: columnsInOrder,
  expect_table_columns_to_match_set: columnSet,
  expect_column_to_exist: columnExists,
} satisfies Record<string, Compile>
