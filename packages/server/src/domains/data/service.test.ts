import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DatasetDefinition, Expectation } from '@millrace/protocol'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createTemporaryData } from '../../testing/temporary-data.ts'

let embedded: Awaited<ReturnType<typeof createTemporaryData>>
beforeAll(async () => {
  embedded = await createTemporaryData()
})
beforeEach(() => embedded.clock.advance(1))
afterAll(() => embedded.close())

const stop = (
  type: Expectation['type'],
  column: string,
  kwargs: Record<string, unknown> = {},
): Expectation => ({
  type,
  kwargs: { column, ...kwargs },
  severity: 'stop',
})

function flights(over: Partial<DatasetDefinition> = {}): DatasetDefinition {
  return {
    kind: 'dataset',
    name: 'flights',
    source: { format: 'parquet', path: 'flights.parquet' },
    schema: { date: 'timestamp', delay: 'int64', origin: 'string', ratio: 'float64' },
    derived: {
      late: { type: 'boolean', sql: 'delay > 15' },
      arrived: { type: 'timestamp', sql: 'date + INTERVAL 1 HOUR' },
    },
    timestamp: 'date',
    expectations: [],
    ...over,
  }
}

/** Five flights, the latest first; `change` is SQL of the SELECT's columns by name. */
async function write(file: string, change: Record<string, string> = {}, rows = 5): Promise<void> {
  const columns = {
    date: "TIMESTAMP '2001-01-01' + to_hours(5 - i::INTEGER)",
    delay: '(i * 10)::INTEGER',
    origin: "['JFK', 'LAX', NULL, 'JFK', 'SFO'][i + 1]",
    ratio: "CASE WHEN i = 1 THEN 'NaN'::DOUBLE ELSE i / 4 END",
    extra: '1',
    ...change,
  }
  const list = Object.entries(columns).map(([name, sql]) => `${sql} AS ${name}`)
  await embedded.lake.writeParquet(
    `SELECT ${list.join(', ')} FROM range(${rows}) r(i)`,
    join(embedded.dir, file),
  )
}

test('a version is typed, derived, sorted by event time, and known by file and definition', async () => {
  const { data, lake, apply } = embedded
  await apply([flights()])
  await write('flights.parquet')
  const version = await data.ingest({ dataset: 'flights' })
  expect(version).toMatchObject({
    dataset: 'flights',
    rows: 5,
    source: { path: 'flights.parquet' },
    schema: {
      date: 'timestamp',
      delay: 'int64',
      origin: 'string',
      ratio: 'float64',
      late: 'boolean',
      arrived: 'timestamp',
    },
  })
  expect(version.statistics.delay).toEqual({
    type: 'int64',
    nulls: 0,
    min: 0,
    max: 40,
    mean: 20,
    distinct: 5,
  })
  expect(version.statistics.ratio).toMatchObject({ nulls: 1, min: 0, max: 1, mean: 2.25 / 4 })
  expect(version.statistics.late).toMatchObject({ mean: 0.6, min: false, max: true })
  expect(version.statistics.origin).toMatchObject({
    nulls: 1,
    top: [
      { value: 'JFK', count: 2 },
      { value: 'LAX', count: 1 },
      { value: 'SFO', count: 1 },
    ],
  })
  const rows = await lake.rows(`SELECT * FROM ${await data.relation(version)}`)
  expect(rows).toHaveLength(5)
  expect(rows[0]).toEqual({
    date: Date.UTC(2001, 0, 1, 1),
    delay: 40,
    origin: 'SFO',
    ratio: 1,
    late: true,
    arrived: Date.UTC(2001, 0, 1, 2),
  })

  expect(await data.ingest({ dataset: 'flights' })).toEqual(version)
  await apply([flights({ derived: {} })])
  const second = await data.ingest({ dataset: 'flights' })
  expect(second.version).not.toBe(version.version)
  embedded.clock.advance(1)
  await write('other.parquet', {}, 4)
  const third = await data.ingest({ dataset: 'flights', path: 'other.parquet' })
  expect((await data.latestVersion('flights')).version).toBe(third.version)
  const page = await data.listVersions('flights', { limit: 2 })
  expect(page.items.map((v) => v.version)).toContain(third.version)
  const rest = await data.listVersions('flights', { limit: 2, pageToken: page.nextPageToken })
  expect([...page.items, ...rest.items]).toHaveLength(3)
  expect(rest.nextPageToken).toBeUndefined()
})

test('expectations have Great Expectations’ results, the row places and samples', async () => {
  const { data, apply } = embedded
  await write('checked.parquet')
  const warn = (e: Expectation): Expectation => ({ ...e, severity: 'warn' })
  await apply([
    flights({
      source: { format: 'parquet', path: 'checked.parquet' },
      expectations: [
        warn(stop('expect_column_values_to_not_be_null', 'origin')),
        warn(
          stop('expect_column_values_to_be_between', 'delay', {
            min_value: 10,
            max_value: 40,
            strict_max: true,
          }),
        ),
        warn(stop('expect_column_values_to_match_regex', 'origin', { regex: '^[A-Z]F' })),
        warn(stop('expect_column_values_to_be_in_set', 'origin', { value_set: ['JFK'], mostly: 0.5 })),
        warn(stop('expect_column_values_to_be_unique', 'origin')),
        stop('expect_column_values_to_be_between', 'date', { min_value: '2001-01-01T00:00:00Z' }),
        stop('expect_column_to_exist', 'delay'),
        {
          type: 'expect_table_row_count_to_be_between',
          kwargs: { min_value: 5, max_value: 5 },
          severity: 'stop',
        },
      ],
    }),
  ])
  await data.ingest({ dataset: 'flights' })
  const [{ accepted, result }] = (await data.listValidations('flights')).items
  expect(accepted).toBe(true)
  expect(result.success).toBe(false)
  expect(result.statistics).toEqual({
    evaluated_expectations: 9,
    successful_expectations: 5,
    unsuccessful_expectations: 4,
    success_percent: (100 * 5) / 9,
  })
  const of = (type: string, column: string) =>
    result.results.find(
      (r) => r.expectation_config.type === type && r.expectation_config.kwargs.column === column,
    )
  expect(of('expect_column_values_to_not_be_null', 'origin')?.result).toMatchObject({
    element_count: 5,
    unexpected_count: 1,
    unexpected_percent: 20,
    partial_unexpected_list: [null],
    partial_unexpected_index_list: [2],
  })
  expect(of('expect_column_values_to_be_between', 'delay')?.result).toMatchObject({
    unexpected_count: 2,
    missing_count: 0,
    partial_unexpected_list: [40, 0],
  })
  expect(of('expect_column_values_to_match_regex', 'origin')).toMatchObject({
    success: false,
    result: {
      unexpected_count: 1,
      unexpected_percent: 25,
      unexpected_percent_total: 20,
      missing_count: 1,
      partial_unexpected_list: ['LAX'],
    },
  })
  expect(of('expect_column_values_to_be_in_set', 'origin')).toMatchObject({
    success: true,
    result: { unexpected_count: 2 },
  })
  expect(of('expect_column_values_to_be_unique', 'origin')?.result).toMatchObject({
    unexpected_count: 2,
    partial_unexpected_list: ['JFK', 'JFK'],
  })
})

test('a failed stop names column, rule and rows; nothing is registered, the result is kept', async () => {
  const { data, apply, dir } = embedded
  await write('late.parquet', { delay: '(i * 1000)::INTEGER' })
  await apply([
    flights({ expectations: [stop('expect_column_values_to_be_between', 'delay', { max_value: 2000 })] }),
  ])
  const before = (await data.listVersions('flights')).items.length
  await expect(data.ingest({ dataset: 'flights', path: 'late.parquet' })).rejects.toMatchObject({
    code: 'dataset.expectation_failed',
    message: expect.stringMatching(
      /column "delay" failed expect_column_values_to_be_between \{"max_value":2000\} on 2 of 5 rows \(for example 4000, 3000\)/,
    ),
  })
  expect((await data.listVersions('flights')).items).toHaveLength(before)
  expect((await data.listValidations('flights')).items[0]).toMatchObject({ accepted: false })
  expect(await readdir(join(dir, 'temp'))).toEqual([])
})

test('nulls in the event time and in the key of a feature view stop a version without being asked', async () => {
  const { data, apply } = embedded
  const entity = { kind: 'entity', name: 'airport', key: { origin: 'string' } }
  const view = {
    kind: 'feature-view',
    name: 'delays',
    entity: 'airport',
    from: 'flights',
    timestamp: 'date',
    ttlMs: null,
    hopMs: 1000,
    features: { n: { type: 'int64', aggregate: 'count', windowMs: 1000 } },
  }
  await apply([flights(), entity, view])
  await write('null-key.parquet', { date: 'CASE WHEN i > 1 THEN make_timestamp(i) END', delay: '7::INTEGER' })
  await expect(data.ingest({ dataset: 'flights', path: 'null-key.parquet' })).rejects.toMatchObject({
    code: 'dataset.expectation_failed',
    message: expect.stringMatching(
      /column "date" failed expect_column_values_to_not_be_null on 2 of 5 rows.*column "origin" failed expect_column_values_to_not_be_null on 1 of 5 rows/,
    ),
  })
})

test('a wrong file is refused by name, column and type', async () => {
  const { data, apply, dir } = embedded
  await apply([flights()])
  await write('renamed.parquet', { delay: '1 AS delay_minutes, 1::INTEGER' })
  await write('text.parquet', { delay: "'ten'" })
  await write('no-rows.parquet', {}, 0)
  await writeFile(join(dir, 'empty.parquet'), '')
  await writeFile(join(dir, 'corrupt.parquet'), 'PAR1 but nothing more PAR1')
  const missing = flights({ schema: { ...flights().schema, carrier: 'string' } })
  const ingest = (path: string) => data.ingest({ dataset: 'flights', path })
  await expect(ingest('text.parquet')).rejects.toMatchObject({
    code: 'dataset.schema_mismatch',
    details: { column: 'delay', expected: 'int64', found: 'VARCHAR' },
  })
  await expect(ingest('no-rows.parquet')).rejects.toMatchObject({ code: 'dataset.source_empty' })
  for (const path of ['empty.parquet', 'corrupt.parquet', 'none.parquet', 'none-*.parquet', '.']) {
    await expect(ingest(path)).rejects.toMatchObject({
      code: 'dataset.source_unreadable',
      message: expect.stringContaining(`"${path}"`),
    })
  }
  await apply([missing])
  await expect(ingest('renamed.parquet')).rejects.toMatchObject({
    code: 'dataset.schema_mismatch',
    message: expect.stringMatching(
      /column "carrier" should be string, the source has no such column \(it has date, /,
    ),
  })
})

test('CSV is read in the declared types, several files as one source', async () => {
  const { data, apply, dir, lake } = embedded
  await writeFile(join(dir, 'part-1.csv'), 'date,zip,n\n2001-01-02 00:00:00,00501,1\n')
  await writeFile(join(dir, 'part-2.csv'), 'date,zip,n\n2001-01-01 00:00:00,10001,\n')
  const definition = flights({
    name: 'mail',
    source: { format: 'csv', path: 'part-*.csv' },
    schema: { date: 'timestamp', zip: 'string', n: 'int64' },
    derived: {},
  })
  await apply([definition])
  const version = await data.ingest({ dataset: 'mail' })
  expect(await lake.rows(`SELECT * FROM ${await data.relation(version)}`)).toEqual([
    { date: Date.UTC(2001, 0, 1), zip: '10001', n: null },
    { date: Date.UTC(2001, 0, 2), zip: '00501', n: 1 },
  ])
  await writeFile(join(dir, 'part-3.csv'), 'date,zip,n\n2001-01-01 00:00:00,10001,many\n')
  await expect(data.ingest({ dataset: 'mail' })).rejects.toMatchObject({
    code: 'dataset.rows_rejected',
    message: expect.stringContaining('many'),
  })
})

test('an aborted ingest registers nothing', async () => {
  const { data, apply } = embedded
  await apply([flights()])
  await write('aborted.parquet', { delay: '3::INTEGER' })
  const controller = new AbortController()
  const running = data.ingest({
    dataset: 'flights',
    path: 'aborted.parquet',
    signal: controller.signal,
    onProgress: () => controller.abort(),
  })
  await expect(running).rejects.toMatchObject({ name: 'AbortError' })
  await expect(data.getVersion({ dataset: 'flights', version: 'none' })).rejects.toMatchObject({
    code: 'dataset.version_not_found',
  })
})
