import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { type ColumnType, type Expectation, type ExpectationType, expectationTypes } from '@millrace/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDuckDbLake } from '../../../drivers/lake/duckdb.ts'
import { quoteName } from '../../../kernel/sql.ts'
import type { Lake } from '../../../ports/lake.ts'
import { findLiteral, sqlType } from '../column-types.ts'
import type { ValidationResult } from '../validation.ts'
import { checkExpectations } from './check.ts'
import type { Environment } from './rule.ts'
import { validate } from './validate.ts'

interface Golden {
  tables: Record<string, { types: Record<string, ColumnType>; rows: unknown[][] }>
  cases: {
    table: string
    type: ExpectationType
    kwargs: Record<string, unknown>
    success: boolean
    result: Record<string, unknown>
  }[]
}

const golden = JSON.parse(
  await readFile(new URL('./fixtures/golden.json', import.meta.url), 'utf8'),
) as Golden

let lake: Lake
let dir: string
beforeAll(async () => {
  dir = await mkdtemp(`${tmpdir()}/conformance-`)
  lake = await createDuckDbLake({ threads: 1, tempDir: dir })
  for (const [name, { types, rows }] of Object.entries(golden.tables)) {
    const columns = Object.entries(types)
    const values = rows.map((row, place) => {
      const list = columns.map(([, type], i) => (row[i] === null ? 'NULL' : findLiteral(row[i], type)))
      return `(${place}, ${list.join(', ')})`
    })
    const list = columns.map(([column, type], i) => `CAST(c${i} AS ${sqlType(type)}) AS ${quoteName(column)}`)
    await lake.run(
      `CREATE TABLE ${name} AS SELECT place AS file_row_number, ${list.join(', ')}
       FROM (VALUES ${values.join(', ')}) AS v(place, ${columns.map((_, i) => `c${i}`).join(', ')})`,
    )
  }
})
afterAll(async () => {
  await lake.close()
  await rm(dir, { recursive: true })
})

const environment = (table: string): Environment => ({
  lake,
  now: 0,
  relation: table,
  columns: golden.tables[table].types,
  rowsOf: async (other) => golden.tables[other].rows.length,
  findPrevious: async () => undefined,
})

/** Numbers to 12 digits: sums are taken in another order there. */
function rounded(value: unknown): unknown {
  if (typeof value === 'number') return Number(value.toPrecision(12))
  if (Array.isArray(value)) return value.map(rounded)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, rounded(one)]))
}

/** Counts by value: it takes each missing value for another one, and sorts by what NaN makes of an order. */
function merged(counts: unknown): unknown {
  const sums: Record<string, number> = {}
  for (const { value, count } of counts as { value: unknown; count: number }[]) {
    const key = JSON.stringify(rounded(value))
    sums[key] = (sums[key] ?? 0) + count
  }
  return sums
}

const toExpectation = ({ type, kwargs }: Golden['cases'][number]): Expectation => ({
  type,
  kwargs,
  severity: 'stop',
})

/** The cases of a table in one call, checked as a definition is. */
async function judge(table: string, cases: Golden['cases']): Promise<ValidationResult> {
  const expectations = cases.map(toExpectation)
  await checkExpectations(lake, { dataset: table, expectations, columns: golden.tables[table].types })
  return (await validate({ dataset: table, expectations, environment: environment(table) })).result
}

test.each(Object.keys(golden.tables))('the results for the table %s are theirs', async (table) => {
  const cases = golden.cases.filter((one) => one.table === table)
  const { results, statistics } = await judge(table, cases)
  for (const [i, { type, kwargs, success, result }] of cases.entries()) {
    const about = { type, kwargs }
    const ours = results[i]
    expect({ about, success: ours.success }).toEqual({ about, success })
    const { details, ...theirs } = result as { details?: { mismatched?: unknown } }
    for (const [field, value] of Object.entries(theirs)) {
      // It tells no observed value of distinct values, only what is wrong with them.
      if (field === 'observed_value' && value === null) continue
      const plain = field === 'partial_unexpected_counts' ? merged : rounded
      const found = plain(ours.result[field as 'observed_value'])
      expect({ about, [field]: found }).toEqual({ about, [field]: plain(value) })
    }
    if (details?.mismatched) expect(ours.result.details).toMatchObject(details)
  }
  expect(statistics).toMatchObject({
    evaluated_expectations: cases.length,
    successful_expectations: cases.filter(({ success }) => success).length,
  })
})

test('an expectation alone gives what it gives among others', async () => {
  const cases = golden.cases.filter(({ table }) => table === 'records')
  const { results } = await judge('records', cases)
  for (const [i, one] of cases.entries())
    expect((await judge('records', [one])).results).toEqual([results[i]])
})

test('every type of Great Expectations has a case', () => {
  const ours = [
    'expect_table_row_count_change_percent_to_be_between',
    'expect_table_columns_to_match_previous',
    'expect_column_max_to_be_recent',
    'expect_column_distribution_change_to_be_less_than',
  ]
  const tested = new Set<string>(golden.cases.map(({ type }) => type))
  const types = /_type_list$|_of_type$|_type_to_be$/
  expect(
    expectationTypes.filter((type) => !tested.has(type) && !ours.includes(type) && !types.test(type)),
  ).toEqual([])
})
