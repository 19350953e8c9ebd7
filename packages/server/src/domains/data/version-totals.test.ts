import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DatasetDefinition, Expectation, ExpectationType } from '@millrace/protocol'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Lake } from '../../ports/lake.ts'
import { createTemporaryData } from '../../testing/temporary-data.ts'
import { addFiles } from './column-totals.ts'
import { distinctOf, emptySketch } from './distinct-sketch.ts'
import { columnStatistics, createDataService, createValidationService } from './index.ts'
import { openParts } from './part.ts'

let embedded: Awaited<ReturnType<typeof createTemporaryData>>
beforeAll(async () => {
  embedded = await createTemporaryData()
})
afterAll(() => embedded.close())

const warn = (type: ExpectationType, kwargs: Record<string, unknown>): Expectation => ({
  type,
  kwargs,
  severity: 'warn',
})
const expectations = [
  warn('expect_column_values_to_be_between', { column: 'n', min_value: -5, max_value: 5, mostly: 0.5 }),
  warn('expect_column_values_to_be_in_set', {
    column: 's',
    value_set: ['a', 'b'],
    row_condition: 'n > 0',
    condition_parser: 'sql',
  }),
  warn('expect_column_values_to_not_be_null', { column: 'x' }),
  warn('expect_column_values_to_be_null', { column: 's' }),
  warn('expect_column_values_to_match_regex', { column: 's', regex: '^[a-z]' }),
  warn('expect_column_values_to_be_unique', { column: 'n' }),
  warn('expect_column_values_to_be_increasing', { column: 'x' }),
  warn('expect_column_value_z_scores_to_be_less_than', { column: 'n', threshold: 1 }),
  warn('expect_compound_columns_to_be_unique', { column_list: ['n', 's'] }),
  warn('expect_column_pair_values_a_to_be_greater_than_b', { column_A: 'n', column_B: 'x' }),
  warn('expect_column_min_to_be_between', { column: 's', max_value: 'b' }),
  warn('expect_column_max_to_be_between', { column: 'x', max_value: 3 }),
  warn('expect_column_median_to_be_between', { column: 'n', max_value: 3 }),
  warn('expect_column_proportion_of_non_null_values_to_be_between', { column: 's', min_value: 0.5 }),
  warn('expect_column_distinct_values_to_be_in_set', { column: 'n', value_set: [1, 2] }),
  warn('expect_column_kl_divergence_to_be_less_than', {
    column: 'n',
    partition_object: { bins: [-10, 0, 10], weights: [0.5, 0.5] },
    threshold: 0.1,
  }),
  warn('expect_table_row_count_to_be_between', { max_value: 10 }),
  warn('expect_table_row_count_change_percent_to_be_between', { max_value: 10 }),
  warn('unexpected_rows_expectation', { unexpected_rows_query: 'SELECT n FROM {batch} WHERE n > 8' }),
]

const definition: DatasetDefinition = {
  kind: 'dataset',
  name: 'grown',
  source: { format: 'json', path: 'grown' },
  schema: { at: 'timestamp', n: 'int64', x: 'float64', s: 'string', ok: 'boolean' },
  derived: {},
  timestamp: 'at',
  mode: 'append',
  expectations,
}

const row = fc.record({
  at: fc.integer({ min: 0, max: 86_400_000 }).map((ms) => new Date(ms).toISOString()),
  n: fc.option(fc.integer({ min: -10, max: 10 })),
  x: fc.option(fc.constantFrom('Infinity', '-Infinity', '0.1', '-0.3', '2.5', 'NaN')),
  s: fc.option(fc.constantFrom('a', 'b', 'C', '', '\u{1f600}', '\uffff')),
  ok: fc.option(fc.boolean()),
})

/** Statements that read more than the newest rows. */
function counting(lake: Lake): { lake: Lake; read: string[] } {
  const read: string[] = []
  const rows: Lake['rows'] = (sql, options) => {
    read.push(sql)
    return lake.rows(sql, options)
  }
  return { lake: { ...lake, rows }, read }
}

test('what is appended is counted and judged as if all had been read', async () => {
  const { data, apply, db, dir, lake, content, clock } = embedded
  await apply([definition])
  const folder = join(dir, 'grown')
  const validations = createValidationService(embedded)
  const batches = fc.array(fc.array(row, { minLength: 1, maxLength: 30 }), { minLength: 2, maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(batches, async (files) => {
      await rm(folder, { recursive: true, force: true })
      await mkdir(folder)
      for (const [i, rows] of files.entries()) {
        const text = rows.map((one) => JSON.stringify(one)).join('\n')
        await writeFile(join(folder, `${i}.ndjson`), text)
        clock.advance(1)
        const version = await data.ingest({ dataset: 'grown', mode: i === 0 ? 'replace' : 'append' })
        const parts = (await data.listParts(version)).items
        const { schema } = version
        const whole = await columnStatistics(lake, { files: await openParts(content, parts), schema })
        expect(version.statistics).toEqual(whole)
        const kept = await validations.getValidation('grown', version.validation)
        // A version that was there before was compared with another one.
        if (kept.createdAt < clock.now()) continue
        const again = await validations.validate({ dataset: 'grown', version: version.version })
        expect(kept.result.results).toEqual(JSON.parse(JSON.stringify(again.result.results)))
      }
      await db.transaction<{ dataset_versions: object }, unknown>((trx) =>
        trx.deleteFrom('dataset_versions').execute(),
      )
    }),
    { numRuns: 4 },
  )
})

test('an append of rows that can be judged on their own reads them alone', async () => {
  const { apply, dir, clock } = embedded
  const source = { format: 'json', path: 'alone' } as const
  await apply([{ ...definition, name: 'alone', source, expectations: expectations.slice(0, 5) }])
  await mkdir(join(dir, 'alone'))
  const write = (i: number, s: string) =>
    writeFile(join(dir, 'alone', `${i}.ndjson`), `{"at":"2001-01-0${i}","n":${i},"x":1,"s":"${s}","ok":true}`)
  const { lake, read } = counting(embedded.lake)
  const data = createDataService({ ...embedded, lake, baseDir: dir })
  for (const [i, s] of ['a', 'b', 'C'].entries()) {
    await write(i + 1, s)
    clock.advance(1)
    read.length = 0
    await data.ingest({ dataset: 'alone' })
  }
  const [first] = (await data.listParts(await data.latestVersion('alone'))).items
  expect(read.filter((sql) => sql.includes(first.digest))).toEqual([])
})

test('many values are estimated, and the frequent ones among many are found', async () => {
  const { lake, dir } = embedded
  const schema = { n: 'int64', s: 'string', id: 'string', long: 'string' } as const
  const files: string[] = []
  for (const [i, count] of [40_000, 3, 30_000].entries()) {
    files.push(join(dir, `many-${i}.parquet`))
    const from = `range(${i * 20_000}, ${i * 20_000 + count}) r(i)`
    await lake.writeParquet(
      `SELECT i AS n, (i * i % 5000)::VARCHAR AS s, (i + ${i} * 40000)::VARCHAR AS id, CASE WHEN i < 60 THEN repeat(['a', 'b', 'c'][i % 3 + 1], 20000) END AS long
       FROM ${from}`,
      files[i],
    )
  }
  const whole = await addFiles(lake, { files, schema })
  let totals = await addFiles(lake, { files: [], schema })
  for (const file of files) totals = await addFiles(lake, { before: totals, files: [file], schema })
  expect(totals).toEqual(whole)
  const statistics = await columnStatistics(lake, { files, schema })
  expect(Math.abs(statistics.n.distinct / 70_000 - 1)).toBeLessThan(0.1)
  expect(statistics.id.top).toBeUndefined()
  expect(statistics.s.top).toHaveLength(10)
  expect(statistics.long.top?.map(({ value }) => value[0])).toHaveLength(3)
  expect(distinctOf(emptySketch)).toBe(0)
})
