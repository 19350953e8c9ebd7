import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Table, tableToIPC, vectorFromArray } from 'apache-arrow'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDuckDbLake } from '../../drivers/lake/duckdb.ts'
import type { Lake } from '../../ports/lake.ts'
import { inferFile } from './infer.ts'

let dir: string
let lake: Lake
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'millrace-infer-'))
  lake = await createDuckDbLake({ tempDir: join(dir, 'spill'), threads: 1, memoryLimitMb: 256 })
})
afterAll(async () => {
  await lake.close()
  await rm(dir, { recursive: true })
})

const infer = (file: string) => inferFile(lake, { path: join(dir, file) })

test('types, missing values and keys of a file are found', async () => {
  await writeFile(
    join(dir, 'a.csv'),
    'id,at,amount,city name,ok,city\n1,2001-01-01 00:00:00,1.5,x,true,Ulm\n2,2001-01-02 00:00:00,,y,false,Ulm\n',
  )
  expect(await infer('a.csv')).toEqual({
    format: 'csv',
    rows: 2,
    columns: [
      { name: 'id', type: 'int64', nulls: 0, unique: true },
      { name: 'at', type: 'timestamp', nulls: 0, unique: false },
      { name: 'amount', type: 'float64', nulls: 1, unique: false },
      { name: 'ok', type: 'boolean', nulls: 0, unique: false },
      { name: 'city', type: 'string', nulls: 0, unique: false },
    ],
    leftOut: [{ name: 'city name', reason: 'a name has only letters, digits and _' }],
  })
  await writeFile(join(dir, 'a.jsonl'), '{"n":1,"list":[1],"gone":null}\n{"n":null}\n')
  expect(await infer('a.jsonl')).toMatchObject({
    columns: [
      { name: 'n', type: 'int64', nulls: 1 },
      { name: 'gone', type: 'string', nulls: 2 },
    ],
    leftOut: [{ name: 'list', reason: expect.stringContaining('BIGINT[]') }],
  })
  await lake.writeParquet(`SELECT 1::SMALLINT AS n, 'x' AS s, DATE '2001-01-01' AS d`, join(dir, 'a.parquet'))
  expect((await infer('a.parquet')).columns.map(({ type }) => type)).toEqual(['int64', 'string', 'timestamp'])
  await writeFile(join(dir, 'a.arrow'), tableToIPC(new Table({ f: vectorFromArray([1.5]) }), 'file'))
  expect(await infer('a.arrow')).toMatchObject({ rows: 0, columns: [{ name: 'f', type: 'float64' }] })
})

test('what cannot be read is told with the reason', async () => {
  await expect(infer('none.csv')).rejects.toMatchObject({ code: 'dataset.source_unreadable' })
  await expect(infer('a.xyz')).rejects.toMatchObject({ message: expect.stringContaining('give one of') })
  await writeFile(join(dir, 'b.arrow'), 'no Arrow at all')
  await expect(infer('b.arrow')).rejects.toMatchObject({ code: 'dataset.source_unreadable' })
})
