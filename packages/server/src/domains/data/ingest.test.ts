import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DatasetDefinition } from '@millrace/protocol'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createTemporaryData } from '../../testing/temporary-data.ts'
import { createDataService, type DatasetVersionRef } from './index.ts'

let embedded: Awaited<ReturnType<typeof createTemporaryData>>
let folder: string
/** Each test has a dataset of its own. */
let name: string
let count = 0
beforeAll(async () => {
  embedded = await createTemporaryData()
})
beforeEach(async () => {
  embedded.clock.advance(1)
  name = `visits${count++}`
  folder = join(embedded.dir, name)
  await mkdir(folder)
})
afterEach(async () => expect(await readdir(join(embedded.dir, 'temp'))).toEqual([]))
afterAll(() => embedded.close())

const visits = (over: Partial<DatasetDefinition> = {}): DatasetDefinition => ({
  kind: 'dataset',
  name,
  source: { format: 'csv', path: `${name}/*.csv` },
  schema: { at: 'timestamp', n: 'int64' },
  derived: {},
  timestamp: 'at',
  mode: 'append',
  expectations: [],
  ...over,
})

/** A file with visits number `n` at 00:00:`n`, or at the seconds given. */
async function write(file: string, rows: readonly (number | [n: number, second: number])[]) {
  const lines = rows.map((row) => {
    const [n, second] = typeof row === 'number' ? [row, row] : row
    return `2001-01-01 00:00:${String(second).padStart(2, '0')},${n}\n`
  })
  await writeFile(join(folder, file), `at,n\n${lines.join('')}`)
}

async function numbers(ref: DatasetVersionRef): Promise<number[]> {
  const rows = await embedded.lake.rows<{ n: number }>(`SELECT n FROM ${await embedded.data.relation(ref)}`)
  return rows.map(({ n }) => n)
}

const parts = async (ref: DatasetVersionRef) => (await embedded.data.listParts(ref)).items

test('an append adds the rows of new files as one part and keeps the parts before', async () => {
  const { data, apply } = embedded
  await apply([visits()])
  await write('a.csv', [2, 1])
  const first = await data.ingest({ dataset: name })
  expect(first).toMatchObject({ rows: 2, partCount: 1 })
  expect(first.base).toBeUndefined()
  embedded.clock.advance(1)
  await write('b.csv', [9])
  await write('c.csv', [0])
  const second = await data.ingest({ dataset: name })
  expect(second).toMatchObject({ base: first.version, rows: 4, partCount: 2, statistics: { n: { max: 9 } } })
  expect(await numbers(second)).toEqual([1, 2, 0, 9])
  const [kept, added] = await parts(second)
  expect([kept]).toEqual(await parts(first))
  const start = Date.UTC(2001, 0, 1)
  expect(added).toMatchObject({ rows: 2, minTime: start, maxTime: start + 9000 })
  expect(second.bytes).toBe(kept.bytes + added.bytes)
  expect(await numbers(first)).toEqual([1, 2])
  expect(await data.getVersion(second)).toEqual(second)

  const page = await data.listParts(second, { limit: 1 })
  expect(page.items).toEqual([kept])
  expect((await data.listParts(second, { limit: 1, pageToken: page.nextPageToken })).items).toEqual([added])
  await expect(data.listParts({ dataset: name, version: 'none' })).rejects.toMatchObject({
    code: 'dataset.version_not_found',
  })
})

test('what brings no new rows is the same version', async () => {
  const { data, apply } = embedded
  await apply([visits()])
  await write('a.csv', [1, 2])
  const first = await data.ingest({ dataset: name })
  const validations = async () => (await data.listValidations(name)).items.length
  expect(await data.ingest({ dataset: name })).toEqual(first)
  expect(await validations()).toBe(1)
  await rename(join(folder, 'a.csv'), join(folder, 'moved.csv'))
  expect(await data.ingest({ dataset: name })).toEqual(first)
  // The same rows as other bytes: another file, but no other part.
  await write('rewritten.csv', [2, 1])
  expect(await data.ingest({ dataset: name })).toEqual(first)
  await writeFile(join(folder, 'no-rows.csv'), 'at,n\n')
  expect(await data.ingest({ dataset: name })).toEqual(first)
  expect((await data.listVersions(name)).items).toEqual([first])
})

test('a file that changed is refused by name, and the watermark tells its new rows', async () => {
  const { data, apply } = embedded
  await apply([visits()])
  await write('a.csv', [1, 2])
  const first = await data.ingest({ dataset: name })
  await write('a.csv', [1, 2, 3])
  await expect(data.ingest({ dataset: name })).rejects.toMatchObject({
    code: 'dataset.source_changed',
    details: { dataset: name, path: `${name}/a.csv`, version: first.version },
  })
  await apply([visits({ watermark: 'n' })])
  embedded.clock.advance(1)
  const second = await data.ingest({ dataset: name })
  expect(await numbers(second)).toEqual([1, 2, 3])
  expect(second.base).toBe(first.version)
  await write('b.csv', [0, 3, [4, 0]])
  const third = await data.ingest({ dataset: name })
  expect(await numbers(third)).toEqual([1, 2, 3, 4])
  await write('c.csv', [3])
  expect(await data.ingest({ dataset: name })).toEqual(third)
  expect(await data.ingest({ dataset: name })).toEqual(third)

  await writeFile(join(folder, 'd.csv'), 'at,n\n2001-01-01 00:00:01,\n')
  await expect(data.ingest({ dataset: name })).rejects.toMatchObject({
    code: 'dataset.expectation_failed',
    message: expect.stringContaining('column "n" failed expect_column_values_to_not_be_null'),
  })
})

test('expectations judge all rows of the version, new ones also without new rows', async () => {
  const { data, apply } = embedded
  const unique = {
    type: 'expect_column_values_to_be_unique',
    kwargs: { column: 'n' },
    severity: 'stop',
  } as const
  await apply([visits({ expectations: [unique] })])
  await write('a.csv', [1, 2])
  const first = await data.ingest({ dataset: name })
  embedded.clock.advance(1)
  await write('b.csv', [3, [2, 5]])
  await expect(data.ingest({ dataset: name })).rejects.toMatchObject({ code: 'dataset.expectation_failed' })
  const [{ result }] = (await data.listValidations(name)).items
  const failed = result.results.find((one) => !one.success)
  expect(failed?.result).toMatchObject({
    element_count: 4,
    partial_unexpected_list: [2, 2],
    partial_unexpected_index_list: [1, 3],
  })
  expect(await data.latestVersion(name)).toEqual(first)
  await rm(join(folder, 'b.csv'))
  const atMostOne = {
    type: 'expect_table_row_count_to_be_between',
    kwargs: { max_value: 1 },
    severity: 'stop',
  } as const
  await apply([visits({ expectations: [atMostOne] })])
  await expect(data.ingest({ dataset: name })).rejects.toMatchObject({ code: 'dataset.expectation_failed' })
})

test('rows of another meaning are not appended; replace starts over', async () => {
  const { data, apply } = embedded
  const twice = (sql: string) => visits({ derived: { twice: { type: 'int64', sql } } })
  await apply([twice('n * 2')])
  await write('a.csv', [1])
  const first = await data.ingest({ dataset: name })
  await apply([twice('n + n')])
  await write('b.csv', [2])
  await expect(data.ingest({ dataset: name })).rejects.toMatchObject({
    code: 'dataset.append_refused',
    message: expect.stringContaining('a derived column has changed'),
  })
  // Other words for the same rows: the version that there is, and from now on of this definition.
  embedded.clock.advance(1)
  expect(await data.ingest({ dataset: name, path: `${name}/a.csv`, mode: 'replace' })).toEqual(first)
  embedded.clock.advance(1)
  expect(await numbers(await data.ingest({ dataset: name }))).toEqual([1, 2])
  const whole = await data.ingest({ dataset: name, mode: 'replace' })
  expect(whole).toMatchObject({ rows: 2, partCount: 1 })
  expect(whole.base).toBeUndefined()
})

test('rows that come back are the latest version again, whether replaced or appended', async () => {
  const { data, apply } = embedded
  await apply([visits()])
  await write('a.csv', [1])
  const before = await data.ingest({ dataset: name })
  await write('b.csv', [2])
  const appended = await data.ingest({ dataset: name })
  const latest = async () => (await data.latestVersion(name)).version
  expect(await latest()).toBe(appended.version)
  await rm(join(folder, 'b.csv'))
  expect((await data.ingest({ dataset: name, mode: 'replace' })).version).toBe(before.version)
  expect(await latest()).toBe(before.version)
  expect((await data.listVersions(name)).items.map(({ version }) => version)).toEqual([
    before.version,
    appended.version,
  ])
  await write('b.csv', [2])
  expect((await data.ingest({ dataset: name })).version).toBe(appended.version)
  expect(await latest()).toBe(appended.version)
})

test('a file whose name would be a pattern is refused, and columns may be named as what objects have', async () => {
  const { data, apply } = embedded
  await apply([visits({ mode: 'replace' })])
  await write('o1.csv', [1])
  await write('o[1].csv', [9])
  await expect(data.ingest({ dataset: name })).rejects.toMatchObject({
    code: 'dataset.source_unreadable',
    message: expect.stringContaining('o[1].csv has one of * ? [ ] { } in its name'),
  })
  await rm(join(folder, 'o[1].csv'))
  await writeFile(join(folder, 'o1.csv'), 'at,n,constructor\n2001-01-01 00:00:01,1,x\n')
  expect(await numbers(await data.ingest({ dataset: name }))).toEqual([1])
})

test('each of several Parquet files has to have the types that are declared', async () => {
  const { data, apply, lake } = embedded
  await apply([visits({ mode: 'replace', source: { format: 'parquet', path: `${name}/*.parquet` } })])
  const put = (file: string, n: string) =>
    lake.writeParquet(`SELECT TIMESTAMP '2001-01-01' AS at, ${n} AS n`, join(folder, file))
  await put('a.parquet', '1::TINYINT')
  await put('b.parquet', '9000000000::BIGINT')
  expect(await numbers(await data.ingest({ dataset: name }))).toEqual([1, 9_000_000_000])
  await put('b.parquet', '7.6::DOUBLE')
  await expect(data.ingest({ dataset: name })).rejects.toMatchObject({
    code: 'dataset.schema_mismatch',
    details: { column: 'n', found: 'DOUBLE' },
  })
})

test('appends at the same time lose no rows', async () => {
  const { data, apply } = embedded
  await apply([visits()])
  const files = ['a.csv', 'b.csv', 'c.csv']
  for (const [n, file] of files.entries()) await write(file, [n])
  await Promise.all(
    [...files, 'a.csv'].map((file) => data.ingest({ dataset: name, path: `${name}/${file}` })),
  )
  const versions = (await data.listVersions(name)).items
  expect(versions.map(({ partCount }) => partCount)).toEqual([3, 2, 1])
  expect((await numbers(versions[0])).sort()).toEqual([0, 1, 2])
  expect(versions.map(({ base }) => base)).toEqual([versions[1].version, versions[2].version, undefined])
})

test('a part is stored once, and what stops before the transaction registers nothing', async () => {
  const { data, apply, db, content } = embedded
  await apply([visits()])
  await write('a.csv', [1])
  const stored: string[] = []
  const failing = createDataService({
    ...embedded,
    baseDir: embedded.dir,
    content: {
      ...content,
      async putFile(path) {
        const info = await content.putFile(path)
        stored.push(info.digest)
        return info
      },
    },
    db: { ...db, transaction: () => Promise.reject(new Error('killed')) },
  })
  await expect(failing.ingest({ dataset: name })).rejects.toThrow('killed')
  expect((await data.listVersions(name)).items).toEqual([])
  expect((await data.listValidations(name)).items).toEqual([])
  expect(await content.has(stored[0])).toBe(true)
  const version = await data.ingest({ dataset: name })
  expect((await parts(version)).map(({ digest }) => digest)).toEqual(stored)
})

test('a definition is refused for a bad watermark or a reserved column', async () => {
  const { data } = embedded
  const check = (over: Partial<DatasetDefinition>) => data.checkDefinition(visits(over))
  await check({ watermark: 'n' })
  await expect(check({ watermark: 'm' })).rejects.toMatchObject({ code: 'definition.invalid' })
  await expect(check({ watermark: 'n', mode: 'replace' })).rejects.toMatchObject({
    message: expect.stringContaining('a watermark needs the mode "append"'),
  })
  await expect(check({ schema: { at: 'timestamp', File_Index: 'int64' } })).rejects.toMatchObject({
    message: expect.stringContaining('the column name "File_Index" is reserved'),
  })
})
