import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import type { CsvOptions, DatasetDefinition } from '@millrace/protocol'
import {
  CompressionType,
  compressionRegistry,
  Dictionary,
  Int32,
  makeData,
  makeVector,
  RecordBatchStreamWriter,
  Table,
  TimestampMicrosecond,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from 'apache-arrow'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createTemporaryData } from '../../../testing/temporary-data.ts'
import { registerCodecs } from './arrow-codecs.ts'

let embedded: Awaited<ReturnType<typeof createTemporaryData>>
let folder: string
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

const schema = { at: 'timestamp', n: 'int64', f: 'float64', ok: 'boolean', s: 'string' } as const

async function define(source: DatasetDefinition['source'], over: Partial<DatasetDefinition> = {}) {
  const definition = { kind: 'dataset', name, source, schema, derived: {}, timestamp: 'at' }
  await embedded.apply([{ ...definition, expectations: [], ...over }])
}

const write = (file: string, text: string | Uint8Array) => writeFile(join(folder, file), text)

async function rows(columns = '*') {
  const version = await embedded.data.latestVersion(name)
  return embedded.lake.rows(`SELECT ${columns} FROM ${await embedded.data.relation(version)}`)
}

const start = Date.UTC(2001, 0, 1)
const large = 2 ** 53 - 1

test('JSON is read line by line or as one array, in the declared types', async () => {
  await define({ format: 'json', path: name })
  await write(
    'a.ndjson',
    `{"at":"2001-01-01T02:00:00.5+02:00","n":${large},"f":1,"ok":true,"s":"a","more":[1]}\n\n{"at":"2001-01-01 00:00:01","n":2.0,"s":null}\n`,
  )
  await write(
    'b.json',
    '[{"at":"2001-01-01T00:00:02Z","f":"NaN","s":"ü","n":-1},\n {"at":"2001-01-01T00:00:03Z"}]',
  )
  await write('_SUCCESS.json', 'no data')
  await embedded.data.ingest({ dataset: name })
  expect(await rows()).toEqual([
    { at: start + 500, n: large, f: 1, ok: true, s: 'a' },
    { at: start + 1000, n: 2, f: null, ok: null, s: null },
    { at: start + 2000, n: -1, f: null, ok: null, s: 'ü' },
    { at: start + 3000, n: null, f: null, ok: null, s: null },
  ])
})

test('a value of another type, a missing column and broken JSON are named', async () => {
  await define({ format: 'json', path: `${name}/*` })
  const line = (n: unknown) => `${JSON.stringify({ at: '2001-01-01', n, f: 1, ok: true, s: 's' })}\n`
  await write('a.ndjson', line(1) + line(1.5) + line('x'))
  await expect(embedded.data.ingest({ dataset: name })).rejects.toMatchObject({
    code: 'dataset.rows_rejected',
    details: { count: 2 },
    message: expect.stringContaining(`${name}/a.ndjson, line 2, column "n": the value is no int64`),
  })
  await write('a.ndjson', `${line(1)}{"at":\n`)
  await expect(embedded.data.ingest({ dataset: name })).rejects.toMatchObject({
    message: expect.stringContaining('line 2: no JSON object'),
  })
  await write('a.ndjson', '{"at":"2001-01-01","n":1,"f":1,"okay":true,"s":"s"}\n')
  await expect(embedded.data.ingest({ dataset: name })).rejects.toMatchObject({
    code: 'dataset.schema_mismatch',
    details: { column: 'ok', found: 'no such column (it has at, n, f, okay, s)' },
  })
})

test('CSV is read as the options say, times with their zones, and no fraction becomes a whole number', async () => {
  const options: CsvOptions = { delimiter: ';', decimalSeparator: ',', nullValues: ['', 'NA'], skipLines: 1 }
  await define({ format: 'csv', path: name, options })
  await write(
    'a.csv',
    'made by hand\nn;s;at;f;ok\n1;a;2001-01-01 02:00:00+02:00;1,5;true\n2.0;"x;y";2001-01-01T00:00:01Z;NA;\n',
  )
  // Another order of the columns, and compressed.
  await write('b.csv.gz', gzipSync('made by hand\nat;n;f;ok;s\n2001-01-01 00:00:02;3;2;false;c\n'))
  await embedded.data.ingest({ dataset: name })
  expect(await rows()).toEqual([
    { at: start, n: 1, f: 1.5, ok: true, s: 'a' },
    { at: start + 1000, n: 2, f: null, ok: null, s: 'x;y' },
    { at: start + 2000, n: 3, f: 2, ok: false, s: 'c' },
  ])
  await write(
    'c.csv',
    'made by hand\nat;n;f;ok;s\n2001-01-01;4.5;1;true;s\n2001-01-02;x;1;true;s\n2001-01-02;1\n',
  )
  await expect(embedded.data.ingest({ dataset: name })).rejects.toMatchObject({
    code: 'dataset.rows_rejected',
    details: { count: 3 },
    message: expect.stringMatching(
      /c\.csv, line 4, column "n": .*"x".*c\.csv, line 5.*c\.csv, column "n": the value is no int64/,
    ),
  })
  await define({
    format: 'csv',
    path: `${name}/h.csv`,
    options: { header: false, timestampFormat: '%d/%m/%Y' },
  })
  await write('h.csv', '02/01/2001,7,1,true,s\n')
  await embedded.data.ingest({ dataset: name })
  expect(await rows('"at", n')).toEqual([{ at: start + 86_400_000, n: 7 }])
})

test('Arrow files and streams keep whole numbers and microseconds', async () => {
  await define({ format: 'arrow', path: name }, { schema: { at: 'timestamp', n: 'int64', s: 'string' } })
  const us = BigInt(start) * 1000n + 7n
  const table = (s: string) =>
    new Table({
      at: makeVector(makeData({ type: new TimestampMicrosecond(), data: BigInt64Array.of(us, us + 1n) })),
      n: vectorFromArray([BigInt(large), null]),
      s: vectorFromArray([s, s], new Dictionary(new Utf8(), new Int32())),
    })
  await write('a.arrow', tableToIPC(table('a'), 'file'))
  await write('b.arrows', await RecordBatchStreamWriter.writeAll(table('b')).toUint8Array())
  await embedded.data.ingest({ dataset: name })
  expect(await rows('epoch_us("at") - 978307200000000 AS us, n, s')).toEqual([
    { us: 7, n: large, s: 'a' },
    { us: 7, n: large, s: 'b' },
    { us: 8, n: null, s: 'a' },
    { us: 8, n: null, s: 'b' },
  ])
  await write('c.arrow', 'no Arrow at all')
  await expect(embedded.data.ingest({ dataset: name })).rejects.toMatchObject({
    code: 'dataset.source_unreadable',
  })
})

test('compressed Arrow is read', async () => {
  registerCodecs()
  /** A frame of one block that is not packed. */
  const stored = (bytes: Uint8Array) => {
    const frame = Buffer.alloc(15 + bytes.length)
    frame.set([4, 34, 77, 24, 0x60, 0x70, 0x73])
    frame.writeUInt32LE(0x8000_0000 + bytes.length, 7)
    frame.set(bytes, 11)
    return frame
  }
  const encoders = { [CompressionType.ZSTD]: zstdCompressSync, [CompressionType.LZ4_FRAME]: stored }
  await define({ format: 'arrow', path: name }, { schema: { at: 'timestamp', n: 'int64', s: 'string' } })
  const n = Array.from({ length: 3000 }, (_, i) => BigInt(i))
  for (const type of [CompressionType.ZSTD, CompressionType.LZ4_FRAME]) {
    const codec = compressionRegistry.get(type) ?? {}
    compressionRegistry.set(type, { ...codec, encode: encoders[type] })
    const s = vectorFromArray(
      n.map((i) => `${CompressionType[type]} ${i % 5n}`),
      new Dictionary(new Utf8(), new Int32()),
    )
    const table = new Table({
      at: vectorFromArray(n.map((i) => new Date(start + Number(i)))),
      n: vectorFromArray(n),
      s,
    })
    await write(`${type}.arrow`, tableToIPC(table, 'file', type))
    await write(`${type}.arrows`, tableToIPC(table, 'stream', type))
  }
  await embedded.data.ingest({ dataset: name })
  expect(await rows('count(*) AS n, sum(n) AS sum, count(DISTINCT s) AS s')).toEqual([
    { n: 12_000, sum: 4 * 1500 * 2999, s: 10 },
  ])
})

test('objects are downloaded by key, prefix or pattern, and known by their bytes', async () => {
  const bucket = await embedded.openBucket('lake')
  const put = (key: string, text: string) => bucket.put(`${name}/${key}`, Buffer.from(text))
  const only = { at: 'timestamp', n: 'int64' } as const
  await define({ format: 'csv', path: `s3://lake/${name}/` }, { schema: only, mode: 'append' })
  await put('a/1.csv', 'at,n\n2001-01-01,1\n')
  await put('notes.md', 'no rows')
  const first = await embedded.data.ingest({ dataset: name })
  expect(await embedded.data.ingest({ dataset: name })).toEqual(first)
  await put('b.csv', 'at,n\n2001-01-02,2\n')
  embedded.clock.advance(1)
  const second = await embedded.data.ingest({ dataset: name })
  expect(second).toMatchObject({ base: first.version, rows: 2 })
  const path = `s3://lake/${name}/*/1.csv`
  expect(await embedded.data.ingest({ dataset: name, path, mode: 'replace' })).toEqual(first)
  for (const [missing, reason] of [
    [`s3://lake/${name}/none.csv`, 'no such object'],
    [`s3://lake/${name}/none/`, 'no object matches'],
    ['s3:///x', 's3://bucket/key'],
  ]) {
    await expect(embedded.data.ingest({ dataset: name, path: missing })).rejects.toMatchObject({
      code: 'dataset.source_unreadable',
      message: expect.stringContaining(reason),
    })
  }
})

test('an upload is a version, in its own format if it says so', async () => {
  await define(
    { format: 'csv', path: 'none.csv' },
    { schema: { at: 'timestamp', n: 'int64' }, mode: 'append' },
  )
  const upload = (text: string, file: string) => ({
    dataset: name,
    upload: { name: file, body: [Buffer.from(text)] as unknown as AsyncIterable<Uint8Array> },
  })
  const first = await embedded.data.ingest(upload('at,n\n2001-01-01,1\n', 'x.csv'))
  embedded.clock.advance(1)
  // The same name is no reason to take it for the same file.
  const second = await embedded.data.ingest(upload('at,n\n2001-01-02,2\n', 'x.csv'))
  expect(second).toMatchObject({ base: first.version, rows: 2, source: { path: 'x.csv' } })
  expect(await embedded.data.ingest(upload('at,n\n2001-01-02,2\n', 'y.csv'))).toEqual(second)
  embedded.clock.advance(1)
  const third = await embedded.data.ingest({ ...upload('[{"at":"2001-01-03","n":3}]', 'x'), format: 'json' })
  expect(third.rows).toBe(3)
  await expect(embedded.data.ingest(upload('', 'x.csv'))).rejects.toMatchObject({
    message: expect.stringContaining('empty'),
  })
  // The sender uses its memory again with the next chunk.
  async function* reused() {
    const chunk = Buffer.alloc(17)
    yield Buffer.from('at,n\n')
    for (const day of ['04', '05', '06']) {
      chunk.write(`2001-01-${day},4    \n`)
      yield chunk
      chunk.fill(0)
    }
  }
  embedded.clock.advance(1)
  const fourth = await embedded.data.ingest({ dataset: name, upload: { name: 'x.csv', body: reused() } })
  expect(fourth.rows).toBe(6)
})

test('a full disk is told as what it is', async () => {
  await define({ format: 'csv', path: 'none.csv' })
  async function* full(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('at')
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
  }
  const upload = { name: 'x.csv', body: full() }
  await expect(embedded.data.ingest({ dataset: name, upload })).rejects.toMatchObject({
    code: 'storage.full',
  })
})
