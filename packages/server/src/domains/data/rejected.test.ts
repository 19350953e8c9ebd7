import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DatasetDefinition } from '@millrace/protocol'
import { tableFromArrays, tableToIPC } from 'apache-arrow'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTemporaryData } from '../../testing/temporary-data.ts'

let embedded: Awaited<ReturnType<typeof createTemporaryData>>
beforeAll(async () => {
  embedded = await createTemporaryData({ secrets: { MILLRACE_SECRET_PII_SALT: 'salt' } })
})
afterAll(() => embedded.close())

const define = (name: string, over: Partial<DatasetDefinition> = {}): DatasetDefinition => ({
  kind: 'dataset',
  name,
  source: { format: 'csv', path: name },
  schema: { at: 'timestamp', n: 'int64', f: 'float64' },
  derived: {},
  timestamp: 'at',
  expectations: [],
  ...over,
})

async function write(folder: string, file: string, text: string) {
  await mkdir(join(embedded.dir, folder), { recursive: true })
  await writeFile(join(embedded.dir, folder, file), text)
}

test('rows of CSV that cannot be read are kept aside with file, line and reason, up to the limit', async () => {
  const { data, apply, lake } = embedded
  await write('csv', 'a.csv', 'at,n,f\n2001-01-01,1,1\nyesterday,2,2\n2001-01-03,3.5,3\n2001-01-04,4,4\n')
  await write('csv', 'b.csv', 'at,n,f\n2001-01-05,5,five\n2001-01-06,6\n2001-01-07,x,9\n2001-01-08,8,8,8\n')
  await apply([define('csv', { maxRejected: 5 })])
  await expect(data.ingest({ dataset: 'csv' })).rejects.toMatchObject({
    code: 'dataset.rows_rejected',
    details: { count: 6, limit: 5 },
  })
  expect((await data.listVersions('csv')).items).toEqual([])
  await apply([define('csv', { maxRejected: { share: 0.75 } })])
  const version = await data.ingest({ dataset: 'csv' })
  const rows = await lake.rows(`SELECT n FROM ${await data.relation(version)}`)
  expect(rows).toEqual([{ n: 1 }, { n: 4 }])
  const { items } = await data.listRejected(version)
  expect(items.map(({ file, line, column }) => [file, line, column])).toEqual([
    ['csv/a.csv', 3, 'at'],
    ['csv/a.csv', null, 'n'],
    ['csv/b.csv', 2, 'f'],
    ['csv/b.csv', 3, 'f'],
    ['csv/b.csv', 4, 'n'],
    ['csv/b.csv', 5, null],
  ])
  expect(items[0]).toMatchObject({ text: 'yesterday,2,2', reason: expect.stringContaining('"yesterday"') })
  expect(items[1]).toMatchObject({ text: '3.5', reason: 'the value is no int64' })
  const page = await data.listRejected(version, { limit: 4 })
  expect(page.items).toEqual(items.slice(0, 4))
  expect((await data.listRejected(version, { limit: 4, pageToken: page.nextPageToken })).items).toEqual(
    items.slice(4),
  )
  // One row less than the share allows.
  await apply([define('csv', { maxRejected: { share: 0.74 } })])
  await expect(data.ingest({ dataset: 'csv' })).rejects.toMatchObject({ details: { limit: 5 } })
})

test('lines that are no JSON object are kept aside; an array is no JSON as a whole, or its objects are read one by one', async () => {
  const { data, apply } = embedded
  const source = { format: 'json', path: 'json' } as const
  await write(
    'json',
    'a.ndjson',
    '{"at":"2001-01-01","n":1,"f":1}\n\n[1]\n{"at":\n{"at":"2001-01-01","n":"x","f":2}\n',
  )
  await apply([define('json', { source, maxRejected: 3 })])
  const version = await data.ingest({ dataset: 'json' })
  expect(version.rows).toBe(1)
  expect((await data.listRejected(version)).items).toEqual([
    { file: 'json/a.ndjson', line: 3, column: null, reason: 'no JSON object', text: '[1]' },
    { file: 'json/a.ndjson', line: 4, column: null, reason: 'no JSON object', text: '{"at":' },
    {
      file: 'json/a.ndjson',
      line: 5,
      column: 'n',
      reason: 'the value is no int64',
      text: '{"at":"2001-01-01","n":"x","f":2}',
    },
  ])
  await write('json', 'b.json', '[{"at":"2001-01-01","n":"x","f":2}]')
  await expect(data.ingest({ dataset: 'json', path: 'json/b.json' })).rejects.toMatchObject({
    code: 'dataset.source_empty',
  })
  await write('json', 'b.json', '[{"at":"2001-01-01","n":"x","f":2}, {"at":"2001-01-02","n":2,"f":2}]')
  await apply([define('json', { source, maxRejected: 4 })])
  const both = await data.ingest({ dataset: 'json' })
  expect(both.rows).toBe(2)
  expect((await data.listRejected(both)).items.at(-1)).toEqual({
    file: 'json/b.json',
    line: null,
    column: 'n',
    reason: 'the value is no int64',
    text: 'x',
  })
  await write('json', 'b.json', '[{"at":"2001-01-01","n":1,"f":2}, {"at"')
  await expect(data.ingest({ dataset: 'json', path: 'json/b.json' })).rejects.toMatchObject({
    code: 'dataset.source_unreadable',
  })
})

test('a line may be long; one that is too long is named so, without the words of the engine', async () => {
  const { data, apply } = embedded
  const source = { format: 'json', path: 'long' } as const
  const line = (length: number) => `{"at":"2001-01-01","n":1,"f":1,"more":"${'x'.repeat(length)}"}\n`
  await write('long', 'a.ndjson', `${line(3e6)}{"at":"x","n":1,"f":1}\n`)
  await apply([define('long', { source, maxRejected: 1 })])
  expect(await data.ingest({ dataset: 'long' })).toMatchObject({ rows: 1 })
  await write('long', 'a.ndjson', `${line(17e6)}{"at":"x","n":1,"f":1}\n`)
  await expect(data.ingest({ dataset: 'long' })).rejects.toMatchObject({
    code: 'dataset.source_unreadable',
    details: { reason: 'one of its rows is too long: a line may have 16 MB, one of CSV 2 MB' },
  })
})

test('values of typed files that a column cannot hold are kept aside, too', async () => {
  const { data, apply, lake, dir } = embedded
  await mkdir(join(dir, 'typed'))
  const file = (name: string) => join(dir, 'typed', name)
  const rows = `SELECT TIMESTAMP '2001-01-01' AS at, unnest([1, 18446744073709551615]::UBIGINT[]) AS n, 1.5 AS f`
  await lake.writeParquet(rows, file('a.parquet'))
  // Other types: read on their own.
  await lake.writeParquet(
    `SELECT TIMESTAMP '2001-01-02' AS at, 3 AS n, 'NaN'::DOUBLE AS f`,
    file('b.parquet'),
  )
  await apply([define('typed', { source: { format: 'parquet', path: 'typed' }, maxRejected: 1 })])
  const version = await data.ingest({ dataset: 'typed' })
  expect(await lake.rows(`SELECT n, f FROM ${await data.relation(version)}`)).toEqual([
    { n: 1, f: 1.5 },
    { n: 3, f: null },
  ])
  const [{ text, ...row }, ...others] = (await data.listRejected(version)).items
  expect(row).toEqual({ file: 'typed/a.parquet', line: null, column: 'n', reason: 'the value is no int64' })
  expect([text, others]).toEqual([String(2n ** 64n - 1n), []])
  const table = tableFromArrays({
    at: ['2001-01-01', '2001-01-02'].map((at) => new Date(at)),
    n: new BigUint64Array([5n, 2n ** 63n]),
    f: new Float64Array(2),
  })
  await writeFile(file('c.arrow'), tableToIPC(table))
  const ofArrow = await data.ingest({ dataset: 'typed', path: 'typed/c.arrow', format: 'arrow' })
  expect(ofArrow.rows).toBe(1)
  expect((await data.listRejected(ofArrow)).items).toMatchObject([
    { file: 'typed/c.arrow', column: 'n', text: String(2n ** 63n) },
  ])
})

test('what a source says about rows is not told where values are hidden', async () => {
  const { data, apply } = embedded
  await write('hidden', 'a.json', '[{"at":"2001-01-01","s":"Ann"}, {"at":"2001-01-01","s":"Bob')
  const schema = { at: 'timestamp', s: 'string' } as const
  const source = { format: 'json', path: 'hidden' } as const
  await apply([define('hidden', { source, schema, pii: { s: { pii: 'name', mask: 'redact' } } })])
  await expect(data.ingest({ dataset: 'hidden' })).rejects.toMatchObject({
    code: 'dataset.source_unreadable',
    message: expect.stringContaining('the dataset hides values'),
  })
  await write('hidden', 'b.csv', '2001-01-01,Eve\n2001-01-02,Eve\n')
  const headless = data.ingest({ dataset: 'hidden', path: 'hidden/b.csv', format: 'csv' })
  await expect(headless).rejects.toMatchObject({
    details: { column: 'at', found: 'no such column in hidden/b.csv' },
  })
})

test('personal data is masked before anything else sees it, and equal values stay equal', async () => {
  const { data, apply, lake } = embedded
  await write(
    'pii',
    'a.csv',
    'at,mail,name,city\n2001-01-01,a@b.c,Ann,Ulm\n2001-01-02,a@b.c,,Bonn\n2001-01-03,,Bob,\nx,d@e.f,Eve,Kiel\n',
  )
  const pii = {
    mail: { pii: 'email', mask: 'hash' },
    name: { pii: 'name', mask: 'redact' },
    city: { pii: 'address', mask: 'keep' },
  } as const
  const schema = { at: 'timestamp', mail: 'string', name: 'string', city: 'string' } as const
  const derived = { length: { type: 'int64', sql: 'length(mail)' } } as const
  await apply([define('pii', { schema, derived, pii, maxRejected: 1 })])
  const version = await data.ingest({ dataset: 'pii' })
  const rows = await lake.rows<{ mail: string | null }>(
    `SELECT mail, name, city, length FROM ${await data.relation(version)}`,
  )
  expect(rows).toEqual([
    { mail: expect.stringMatching(/^[0-9a-f]{64}$/), name: '[redacted]', city: 'Ulm', length: 64 },
    { mail: rows[0].mail, name: null, city: 'Bonn', length: 64 },
    { mail: null, name: '[redacted]', city: null, length: null },
  ])
  expect(JSON.stringify(version)).not.toContain('a@b.c')
  expect((await data.listRejected(version)).items).toEqual([
    { file: 'pii/a.csv', line: 5, column: 'at', reason: 'the row cannot be read', text: null },
  ])
})

test('a mask that a column cannot have is refused, and so is a hash without a salt', async () => {
  const { data, apply } = embedded
  const check = (pii: DatasetDefinition['pii']) => data.checkDefinition(define('masks', { pii }))
  await check({ n: { pii: 'age', mask: 'keep' } })
  await expect(check({ n: { pii: 'age', mask: 'hash' } })).rejects.toMatchObject({
    message: expect.stringContaining('only texts can be masked'),
  })
  await expect(check({ m: { pii: 'age', mask: 'hash' } })).rejects.toMatchObject({
    code: 'definition.invalid',
  })
  const bare = await createTemporaryData()
  try {
    await writeFile(join(bare.dir, 'a.csv'), 'at,s\n2001-01-01,x\n')
    await bare.apply([
      define('bare', {
        source: { format: 'csv', path: 'a.csv' },
        schema: { at: 'timestamp', s: 'string' },
        pii: { s: { pii: 'name', mask: 'hash' } },
      }),
    ])
    await expect(bare.data.ingest({ dataset: 'bare' })).rejects.toMatchObject({ code: 'secret.not_found' })
  } finally {
    await bare.close()
  }
  await apply([])
})

test('a relation leaves out parts that have no event in the time', async () => {
  const { data, apply, lake } = embedded
  await apply([define('parts', { mode: 'append' })])
  for (const day of [1, 2, 3]) {
    await write('parts', `${day}.csv`, `at,n,f\n2001-01-0${day},${day},0\n`)
    await data.ingest({ dataset: 'parts' })
    embedded.clock.advance(1)
  }
  const version = await data.latestVersion('parts')
  const read = async (range: { from?: number; until?: number }) =>
    (await lake.rows<{ n: number }>(`SELECT n FROM ${await data.relation(version, range)}`)).map(({ n }) => n)
  const day = (n: number) => Date.UTC(2001, 0, n)
  expect(await read({ from: day(2) })).toEqual([2, 3])
  expect(await read({ until: day(2) })).toEqual([1, 2])
  expect(await read({ from: day(2) + 1, until: day(3) - 1 })).toEqual([])
})
