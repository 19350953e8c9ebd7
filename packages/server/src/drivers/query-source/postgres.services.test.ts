import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PlatformError } from '@millrace/protocol'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { QueryBatch, QueryInput } from '../../ports/query-source.ts'
import { createTemporaryData } from '../../testing/temporary-data.ts'
import { createPostgresQuerySource } from './postgres.ts'

const url = process.env.MILLRACE_TEST_POSTGRES_URL ?? ''
if (url === '')
  throw new Error('MILLRACE_TEST_POSTGRES_URL is not set; run these tests with "npm run test:services"')

const source = createPostgresQuerySource()
const admin = new Client({ connectionString: url })
let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'millrace-query-'))
  await admin.connect()
  await admin.query('drop schema if exists query_source cascade; create schema query_source')
})
afterAll(async () => {
  await admin.query('drop schema if exists query_source cascade')
  await admin.end()
  await rm(dir, { recursive: true })
})

async function collect(input: QueryInput, signal?: AbortSignal): Promise<QueryBatch[]> {
  const batches: QueryBatch[] = []
  for await (const batch of source.read(input, { signal })) batches.push(batch)
  return batches
}

async function read(query: string, from?: QueryInput['from']): Promise<QueryBatch[]> {
  return collect({ url, query, ...(from && { from }) })
}

test('values come as text that loses nothing, in bounded batches', async () => {
  const [{ columns, rows }] =
    await read(`select 9007199254740993::bigint as i, 0.1::float8 as f, 1.10::numeric as d,
    true as b, timestamptz '2001-01-01 02:00:00.000001+02' as t, date '2001-01-02' as day, 'ü' as s, null::text as n, '[]'::json as j;`)
  expect(columns.map(({ type }) => type)).toEqual([
    'integer',
    'number',
    'number',
    'boolean',
    'time',
    'time',
    'text',
    'text',
    'other',
  ])
  expect(rows).toEqual([
    [
      '9007199254740993',
      '0.1',
      '1.10',
      'true',
      '2001-01-01 00:00:00.000001+00',
      '2001-01-02',
      'ü',
      null,
      '[]',
    ],
  ])
  const batches = await read('select i from generate_series(1, 12000) i')
  expect(batches.map((batch) => batch.rows.length)).toEqual([5000, 5000, 2000])
  expect((await read('select 1 as one where false'))[0]).toMatchObject({
    columns: [{ name: 'one' }],
    rows: [],
  })
})

test('rows from a value on, and those without one', async () => {
  const query = `select * from (values (1, timestamp '2001-01-01'), (2, '2001-01-01 00:00:01'), (3, null)) t(n, at)`
  const at = { column: 'at', value: BigInt(Date.UTC(2001, 0, 1, 0, 0, 1)), isTime: true }
  expect((await read(query, at))[0].rows.map(([n]) => n)).toEqual(['2', '3'])
  expect((await read(query, { column: 'n', value: 3n, isTime: false }))[0].rows).toHaveLength(1)
  const large = `select n from (values (${2n ** 60n}), (${2n ** 60n + 1n})) t(n)`
  expect((await read(large, { column: 'n', value: 2n ** 60n + 1n, isTime: false }))[0].rows).toHaveLength(1)
})

test('nothing can be written, one statement is run, and a failure says why without the URL', async () => {
  await admin.query('create table query_source.kept (n int)')
  for (const query of [
    'insert into query_source.kept values (1) returning n',
    'select 1; commit; drop table query_source.kept',
    'with gone as (delete from query_source.kept returning n) select * from gone',
    'select from nowhere',
  ]) {
    await expect(read(query)).rejects.toMatchObject({ code: 'query.failed' })
  }
  expect((await admin.query('select * from query_source.kept')).rowCount).toBe(0)
  const password = 'never-shown'
  const input = { url: `postgres://nobody:${password}@127.0.0.1:1/none`, query: 'select 1' }
  const error = await collect(input).catch((thrown: PlatformError) => thrown)
  if (!(error instanceof PlatformError)) throw new Error('connected to nothing')
  expect(error.code).toBe('query.failed')
  expect(JSON.stringify(error.toBody())).not.toContain(password)
})

test('an aborted read ends, and its connection with it', async () => {
  const controller = new AbortController()
  const query = 'select pg_sleep(60), 7 as query_source_test'
  const reading = collect({ url, query }, controller.signal)
  setTimeout(() => controller.abort(new Error('stopped')), 50)
  await expect(reading).rejects.toThrow('stopped')
})

test('a dataset of a query takes what is new by its watermark', async () => {
  const data = await createTemporaryData({ secrets: { MILLRACE_SECRET_SHOP: url } })
  try {
    await admin.query('create table query_source.orders (id int, at timestamptz, price numeric)')
    const add = (id: number) =>
      admin.query(
        `insert into query_source.orders values (${id}, timestamptz '2001-01-01+00' + ${id} * interval '1 s', 1.5)`,
      )
    const query = 'select * from query_source.orders'
    await data.apply([
      {
        kind: 'dataset',
        name: 'orders',
        source: { format: 'postgres', query, connection: 'SHOP' },
        schema: { id: 'int64', at: 'timestamp', price: 'float64' },
        derived: {},
        timestamp: 'at',
        mode: 'append',
        watermark: 'at',
        expectations: [],
      },
    ])
    await add(1)
    await add(2)
    const first = await data.data.ingest({ dataset: 'orders' })
    expect(first).toMatchObject({ rows: 2, source: { path: 'postgres:SHOP' } })
    expect(await data.data.ingest({ dataset: 'orders' })).toEqual(first)
    await add(3)
    data.clock.advance(1)
    const second = await data.data.ingest({ dataset: 'orders' })
    expect(second).toMatchObject({ base: first.version, rows: 3, partCount: 2 })
    expect(await data.lake.rows(`SELECT id, price FROM ${await data.data.relation(second)}`)).toEqual([
      { id: 1, price: 1.5 },
      { id: 2, price: 1.5 },
      { id: 3, price: 1.5 },
    ])
  } finally {
    await data.close()
  }
})
