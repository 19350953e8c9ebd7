import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import type { Expectation, ExpectationKwargs, ExpectationType, Schema } from '@millrace/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDuckDbLake } from '../../../drivers/lake/duckdb.ts'
import type { Lake } from '../../../ports/lake.ts'
import { checkExpectations } from './check.ts'
import type { Environment } from './rule.ts'
import { validate } from './validate.ts'

const columns: Schema = { at: 'timestamp', n: 'int64', x: 'float64', name: 'string', ok: 'boolean' }
const day = 86_400_000

let lake: Lake
let dir: string
beforeAll(async () => {
  dir = await mkdtemp(`${tmpdir()}/expectations-`)
  lake = await createDuckDbLake({ threads: 1, tempDir: dir })
  const rows = (
    count: number,
    x: string,
  ) => `SELECT i AS file_row_number, make_timestamp(i * ${day * 1000}) AS at,
    i AS n, ${x} AS x, ['a', 'b', NULL][i % 3 + 1] AS name, i % 2 = 0 AS ok FROM range(${count}) r(i)`
  await lake.run(`CREATE TABLE now AS ${rows(100, '(i % 10)::DOUBLE')}`)
  await lake.run(`CREATE TABLE before AS ${rows(80, '(i % 10)::DOUBLE')}`)
  await lake.run(`CREATE TABLE shifted AS ${rows(80, '(i % 10 + 5)::DOUBLE')}`)
})
afterAll(async () => {
  await lake.close()
  await rm(dir, { recursive: true })
})

function gx<Type extends ExpectationType>(type: Type, kwargs: ExpectationKwargs[Type]): Expectation {
  return { type, kwargs: kwargs as Record<string, unknown>, severity: 'stop' }
}

async function run(expectation: Expectation, over: Partial<Environment> = {}) {
  await checkExpectations(lake, { dataset: 'd', expectations: [expectation], columns })
  const environment: Environment = {
    lake,
    now: 100 * day,
    relation: 'now',
    columns,
    rowsOf: async () => 100,
    findPrevious: async () => undefined,
    ...over,
  }
  const { result } = await validate({ dataset: 'd', expectations: [expectation], environment, keys: ['at'] })
  return result.results[0]
}

const against = (relation: string, rows = 80, previous: Schema = columns): Partial<Environment> => ({
  findPrevious: async () => ({ version: 'v1', rows, columns: previous, relation }),
})

test('a failing row is shown with its place and its key columns', async () => {
  const result = await run(gx('expect_column_values_to_be_between', { column: 'n', max_value: 97 }))
  expect(result.success).toBe(false)
  expect(result.result.partial_unexpected_rows).toEqual([
    { row: 98, at: 98 * day, n: 98 },
    { row: 99, at: 99 * day, n: 99 },
  ])
})

test('at most 20 failing rows are shown, the first ones, and all are counted', async () => {
  const { result } = await run(gx('expect_column_values_to_be_in_set', { column: 'name', value_set: ['a'] }))
  expect(result.unexpected_count).toBe(33)
  expect(result.partial_unexpected_index_list).toEqual(Array.from({ length: 20 }, (_, i) => 3 * i + 1))
  expect(result.partial_unexpected_counts).toEqual([{ value: 'b', count: 20 }])
})

test('results tell as much as is asked for', async () => {
  const expectation = gx('expect_column_values_to_be_between', { column: 'n', max_value: 97 })
  const environment = {
    lake,
    now: 0,
    relation: 'now',
    columns,
    rowsOf: async () => 0,
    findPrevious: async () => undefined,
  }
  const of = async (format: 'BOOLEAN_ONLY' | 'BASIC') =>
    (await validate({ dataset: 'd', expectations: [expectation], environment, format })).result.results[0]
  expect(await of('BOOLEAN_ONLY')).toMatchObject({ success: false, result: {} })
  expect((await of('BOOLEAN_ONLY')).result).toEqual({})
  expect((await of('BASIC')).result).toMatchObject({ unexpected_count: 2, partial_unexpected_list: [98, 99] })
  expect((await of('BASIC')).result).not.toHaveProperty('partial_unexpected_rows')
})

test('a row condition may be SQL of one’s own, and dates are compared as times', async () => {
  const own = gx('expect_table_row_count_to_equal', {
    value: 34,
    row_condition: "name = 'a'",
    condition_parser: 'sql',
  })
  expect(await run(own)).toMatchObject({ success: true })
  const since = gx('expect_table_row_count_to_equal', {
    value: 90,
    row_condition: 'col("at") >= date("1970-01-11")',
  })
  expect(await run(since)).toMatchObject({ success: true })
  const columnsOfRow = gx('expect_table_row_count_to_equal', {
    value: 10,
    row_condition: { type: 'comparison', column: { name: 'n' }, operator: '==', parameter: { name: 'x' } },
  })
  expect(await run(columnsOfRow)).toMatchObject({ success: true })
})

test('samples and counts of uniqueness and order keep to the row condition', async () => {
  const condition = { row_condition: 'col("n") < 12', condition_parser: 'great_expectations' } as const
  const unique = await run(gx('expect_column_values_to_be_unique', { column: 'x', ...condition }))
  expect(unique.result).toMatchObject({
    element_count: 12,
    unexpected_count: 4,
    partial_unexpected_index_list: [0, 1, 10, 11],
  })
  const order = await run(gx('expect_column_values_to_be_increasing', { column: 'x', ...condition }))
  expect(order.result).toMatchObject({ unexpected_count: 1, partial_unexpected_index_list: [10] })
  const compound = gx('expect_compound_columns_to_be_unique', { column_list: ['x', 'ok'], ...condition })
  expect((await run(compound)).result).toMatchObject({
    unexpected_count: 4,
    partial_unexpected_index_list: [0, 1, 10, 11],
  })
})

test('the column types are judged by their names in several worlds', async () => {
  expect(await run(gx('expect_column_values_to_be_of_type', { column: 'n', type_: 'BIGINT' }))).toMatchObject(
    {
      success: true,
      result: { observed_value: 'int64' },
    },
  )
  expect(
    await run(gx('expect_column_values_to_be_in_type_list', { column: 'x', type_list: ['int64', 'str'] })),
  ).toMatchObject({ success: false, result: { observed_value: 'float64' } })
})

test('the number of rows, the columns and the distribution are held against the version before', async () => {
  const change = gx('expect_table_row_count_change_percent_to_be_between', { min_value: -20, max_value: 20 })
  expect(await run(change)).toMatchObject({ success: true, result: { observed_value: null } })
  expect(await run(change, against('before'))).toMatchObject({
    success: false,
    result: { observed_value: 25, details: { previous_rows: 80, previous_version: 'v1' } },
  })
  const { ok: _, ...fewer } = columns
  const same = gx('expect_table_columns_to_match_previous', {})
  expect(await run(same, against('before', 80, fewer))).toMatchObject({
    success: false,
    result: { details: { added: ['ok'], removed: [], retyped: [] } },
  })
  const mayGrow = gx('expect_table_columns_to_match_previous', { allow_new: true })
  expect(await run(mayGrow, against('before', 80, fewer))).toMatchObject({ success: true })
  expect(await run(mayGrow, against('before', 80, { ...columns, n: 'string' }))).toMatchObject({
    success: false,
  })
  for (const column of ['x', 'name', 'ok', 'n', 'at']) {
    const stable = gx('expect_column_distribution_change_to_be_less_than', { column, threshold: 0.5 })
    const { success, result } = await run(stable, against('before'))
    expect({ column, success }).toEqual({ column, success: true })
    expect(result.observed_value).toBeGreaterThanOrEqual(0)
  }
  const moved = gx('expect_column_distribution_change_to_be_less_than', {
    column: 'x',
    threshold: 0.2,
    method: 'jensen_shannon',
  })
  const { success, result } = await run(moved, against('shifted'))
  expect(success).toBe(false)
  const cells = (result.details?.cells ?? []) as { previous: number; now: number }[]
  expect(cells.reduce((sum, { previous }) => sum + previous, 0)).toBe(80)
  expect(cells.reduce((sum, { now }) => sum + now, 0)).toBe(100)
})

test('the newest time is held against the clock', async () => {
  const fresh = (maxAge: number) => gx('expect_column_max_to_be_recent', { column: 'at', max_age_ms: maxAge })
  expect(await run(fresh(day))).toMatchObject({ success: true, result: { details: { age_ms: day } } })
  expect(await run(fresh(day - 1))).toMatchObject({ success: false })
})

test('a query of one’s own shows the rows that are too many', async () => {
  const query = gx('unexpected_rows_expectation', {
    unexpected_rows_query:
      'SELECT name, count(*) AS rows FROM {batch} GROUP BY name HAVING count(*) > 33 -- most',
    row_condition: 'n > 0',
    condition_parser: 'sql',
  })
  expect(await run(query)).toMatchObject({ success: true, result: { observed_value: 0 } })
  const { row_condition: _, condition_parser: __, ...kwargs } = query.kwargs
  expect(await run({ ...query, kwargs })).toMatchObject({
    success: false,
    result: { observed_value: 1, details: { unexpected_rows: [{ name: 'a', rows: 34 }] } },
  })
})

test.each([
  [
    gx('expect_column_values_to_be_between', { column: 'nope', max_value: 1 }),
    /one of the columns at, n, x, name, ok/,
  ],
  [gx('expect_column_values_to_be_between', { column: 'n' }), /needs min_value or max_value/],
  [
    gx('expect_column_values_to_be_between', { column: 'n', min_value: 2, max_value: 1 }),
    /min_value 2 above/,
  ],
  [
    gx('expect_column_values_to_be_between', { column: 'n', max_value: 'ten' }),
    /a number as "max_value", got "ten"/,
  ],
  [gx('expect_column_values_to_be_between', { column: 'n', max_value: 1, mostly: 1.5 }), /share from 0 to 1/],
  [
    gx('expect_column_values_to_match_regex', { column: 'n', regex: 'a' }),
    /column of type string; "n" is int64/,
  ],
  [gx('expect_column_values_to_match_regex', { column: 'name', regex: 'a(' }), /cannot be run: .*missing/],
  [gx('expect_column_values_to_be_in_set', { column: 'n', value_set: [] }), /a list of int64 values/],
  [gx('expect_column_values_to_be_in_set', { column: 'n', value_set: ['1'] }), /a list of int64 values/],
  [gx('expect_column_values_to_be_of_type', { column: 'n', type_: 'wibble' }), /unknown type "wibble"/],
  [gx('expect_compound_columns_to_be_unique', { column_list: ['n'] }), /two columns or more/],
  [gx('expect_column_pair_values_to_be_equal', { column_A: 'n', column_B: 'name' }), /columns of one type/],
  [gx('expect_column_mean_to_be_between', { column: 'name', max_value: 1 }), /int64 or float64/],
  [
    gx('expect_column_values_to_be_unique', { column: 'n', batch: 1 } as never),
    /does not take the kwarg "batch"/,
  ],
  [gx('expect_column_values_to_be_unique', { column: 'n', row_condition: 'n > 5' }), /cannot be read: n > 5/],
  [
    gx('expect_column_values_to_be_unique', { column: 'n', row_condition: 'col("n") > "a"' }),
    /compares a int64 column/,
  ],
  [
    gx('expect_column_values_to_be_unique', { column: 'n', row_condition: 'col("m") > 5' }),
    /"m", which is no column/,
  ],
  [
    gx('expect_column_values_to_be_unique', {
      column: 'n',
      row_condition: 'n > 5',
      condition_parser: 'pandas',
    } as never),
    /condition_parser "pandas"/,
  ],
  [
    gx('expect_column_values_to_be_unique', {
      column: 'n',
      row_condition: 'n > (SELECT 1)',
      condition_parser: 'sql',
    }),
    /subquery, which is not allowed/,
  ],
  [gx('unexpected_rows_expectation', { unexpected_rows_query: 'SELECT 1' }), /a query that reads \{batch\}/],
  [
    gx('unexpected_rows_expectation', { unexpected_rows_query: "SELECT * FROM {batch}, 'x.csv'" }),
    /reads "x.csv"/,
  ],
  [
    gx('unexpected_rows_expectation', { unexpected_rows_query: 'SELECT nope FROM {batch}' }),
    /cannot be run: .*nope/,
  ],
  [
    gx('expect_column_quantile_values_to_be_between', {
      column: 'n',
      quantile_ranges: { quantiles: [0.5, 2], value_ranges: [[1, 2]] },
    }),
    /needs the kwarg "quantile_ranges"/,
  ],
])('%j is refused', async (expectation, reason) => {
  const refused = checkExpectations(lake, { dataset: 'd', expectations: [expectation], columns })
  await expect(refused).rejects.toMatchObject({
    code: 'definition.invalid',
    message: expect.stringMatching(reason),
  })
})

test('many expectations with conditions of their own are run, too many are refused', async () => {
  const unique = (i: number) =>
    gx('expect_column_values_to_be_unique', { column: 'n', row_condition: `col("n") > ${i}` })
  const expectations = Array.from({ length: 120 }, (_, i) => unique(i))
  await checkExpectations(lake, { dataset: 'd', expectations, columns })
  const {
    result: { results },
  } = await validate({
    dataset: 'd',
    expectations,
    environment: {
      lake,
      now: 0,
      relation: 'now',
      columns,
      rowsOf: async () => 0,
      findPrevious: async () => undefined,
    },
  })
  expect(results.map(({ result }) => result.element_count)).toEqual(
    expectations.map((_, i) => Math.max(0, 99 - i)),
  )
  const tooMany = Array.from({ length: 1001 }, (_, i) => unique(i))
  await expect(
    checkExpectations(lake, { dataset: 'd', expectations: tooMany, columns }),
  ).rejects.toMatchObject({ message: expect.stringContaining('at most 1000') })
})
