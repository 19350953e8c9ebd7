import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDuckDbLake } from '../../drivers/lake/duckdb.ts'
import { sha256 } from '../../kernel/hash.ts'
import type { Lake } from '../../ports/lake.ts'
import { datasetVersionId } from './dataset-version.ts'
import { partsRelation, writePart } from './part.ts'
import { columnStatistics } from './statistics.ts'

let dir: string
let lake: Lake
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'parts-'))
  lake = await createDuckDbLake({ threads: 2, tempDir: join(dir, 'spill') })
})
afterAll(async () => {
  await lake.close()
  await rm(dir, { recursive: true })
})

/** `count` rows from `start`, a microsecond and a second apart from each other. */
const query = (start: number, count: number) =>
  `SELECT i AS n, i / 10 AS x, make_timestamp(i * 1000001) AS t FROM range(${start}, ${start + count}) r(i)`

async function write(name: string, start: number, count: number) {
  const path = join(dir, name)
  const part = await writePart(lake, { query: query(start, count), path, timestamp: 't' })
  if (!part) throw new TypeError(`no rows in ${name}`)
  return { path, ...part }
}

test('a part knows its bytes, its rows and its event times to the microsecond', async () => {
  const part = await write('known.parquet', 3, 5)
  const bytes = await readFile(part.path)
  expect(part).toEqual({
    path: part.path,
    digest: sha256(bytes),
    bytes: bytes.byteLength,
    rows: 5,
    minTime: 3000.003,
    maxTime: 7000.007,
  })
  expect(await write('again.parquet', 3, 5)).toMatchObject({ digest: part.digest })
  const empty = join(dir, 'empty.parquet')
  expect(await writePart(lake, { query: query(0, 0), path: empty, timestamp: 't' })).toBeUndefined()
  const timeless = await writePart(lake, { query: query(3, 5), path: join(dir, 'timeless.parquet') })
  expect(timeless).toEqual({ digest: part.digest, bytes: part.bytes, rows: 5 })
})

test('parts are read in their order, their rows numbered through all of them', async () => {
  const parts = [
    await write('c.parquet', 100, 130_000),
    await write('a.parquet', 0, 3),
    await write('b.parquet', 50, 2),
  ]
  const relation = partsRelation(parts, { rowNumbers: true })
  const rows = await lake.rows(
    `SELECT n, file_row_number AS row FROM ${relation} WHERE n < 102 ORDER BY file_row_number`,
  )
  expect(rows).toEqual([
    { n: 100, row: 0 },
    { n: 101, row: 1 },
    { n: 0, row: 130_000 },
    { n: 1, row: 130_001 },
    { n: 2, row: 130_002 },
    { n: 50, row: 130_003 },
    { n: 51, row: 130_004 },
  ])
  const inOrder = await lake.columns(`SELECT n FROM ${partsRelation(parts)}`)
  expect(inOrder.columns[0]).toMatchObject({ name: 'n' })
  const [column] = inOrder.columns
  if (column.kind === 'string') throw new TypeError('n is a number')
  expect([...column.values.slice(129_999)]).toEqual([130_099, 0, 1, 2, 50, 51])
})

test('statistics of several parts are those of their rows', async () => {
  const schema = { n: 'int64', x: 'float64', t: 'timestamp' } as const
  const parts = [await write('first.parquet', 0, 200_000), await write('second.parquet', 200_000, 7)]
  const whole = await write('whole.parquet', 0, 200_007)
  const of = (files: string[]) => columnStatistics(lake, { files, schema })
  const merged = await of(parts.map(({ path }) => path))
  const expected = await of([whole.path])
  expect(merged.n).toEqual(expected.n)
  expect(merged.t).toEqual(expected.t)
  expect(merged.x.mean).toBeCloseTo(expected.x.mean ?? Number.NaN, 9)
  for (let again = 0; again < 3; again++) expect(await of(parts.map(({ path }) => path))).toEqual(merged)
})

test('a version is named by its schema and its parts in their order', () => {
  const [a, b] = [{ digest: 'a' }, { digest: 'b' }]
  const id = datasetVersionId({ x: 'int64', y: 'string' }, [a, b])
  expect(id).toMatch(/^[0-9a-f]{16}$/)
  expect(datasetVersionId({ y: 'string', x: 'int64' }, [a, b])).toBe(id)
  expect(datasetVersionId({ x: 'int64', y: 'string' }, [b, a])).not.toBe(id)
  expect(datasetVersionId({ x: 'int64', y: 'string' }, [a])).not.toBe(id)
  expect(datasetVersionId({ x: 'float64', y: 'string' }, [a, b])).not.toBe(id)
})
