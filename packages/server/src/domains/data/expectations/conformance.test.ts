import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { type ColumnType, type Expectation, type ExpectationType, expectationTypes } from '@millrace/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDuckDbLake } from '../../../drivers/lake/duckdb.ts'
import { quoteName } from '../../../kernel/sql.ts'
import type { Lake } from '../../../ports/lake.ts'
import { findLiteral, sqlType } from '../column-types.ts'
import { checkExpectations } from './check.ts'
import type { Environment } from './rule.ts'
import { validate } from './validate.ts'

interface Golden {
  tables: Record<string, { types: Record<string, ColumnType>; rows: unknown[][] }>
  cases: {
    table: string
    engine: 'pandas' | 'sqlite'
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

test.each(golden.cases.map((one, i) => ({ ...one, i, text: JSON.stringify(one.kwargs) })))(
  'case $i: $type $text',
  async ({ table, type, kwargs, success, result, engine }) => {
    const expectation: Expectation = { type, kwargs, severity: 'stop' }
    const input = { dataset: table, expectations: [expectation], columns: golden.tables[table].types }
    await checkExpectations(lake, input)
    const { results } = await validate({ ...input, environment: environment(table) })
    const [ours] = results
    expect(ours.success).toBe(success)
    const { details: theirDetails, ...theirs } = result as { details?: { mismatched?: unknown } }
    for (const [field, value] of Object.entries(theirs)) {
      // It tells no observed value of distinct values, only what is wrong with them.
      if (field === 'observed_value' && value === null) continue
      const plain = field === 'partial_unexpected_counts' ? merged : rounded
      expect({ [field]: plain(ours.result[field as 'observed_value']) }).toEqual({ [field]: plain(value) })
    }
    if (theirDetails?.mismatched) expect(ours.result.details).toMatchObject(theirDetails)
    if (engine === 'pandas') expect(ours.result).not.toHaveProperty('unexpected_list')
  },
)

test('all of the cases of a table at once give what each gives alone', async () => {
  for (const table of Object.keys(golden.tables)) {
    const cases = golden.cases.filter((one) => one.table === table)
    const expectations = cases.map(({ type, kwargs }): Expectation => ({ type, kwargs, severity: 'stop' }))
    const { results, statistics } = await validate({
      dataset: table,
      expectations,
      environment: environment(table),
    })
    expect(results.map(({ success }) => success)).toEqual(cases.map(({ success }) => success))
    expect(statistics.evaluated_expectations).toBe(cases.length)
    expect(statistics.successful_expectations).toBe(cases.filter(({ success }) => success).length)
  }
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
