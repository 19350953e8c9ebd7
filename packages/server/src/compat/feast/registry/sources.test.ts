import { expect, test } from 'vitest'
import type { FeastView } from './registry.ts'
import { createDatasets, readSource } from './sources.ts'

const view = (uri: string, rest: object = {}): FeastView => ({
  name: 'view',
  project: 'p',
  entities: [],
  features: [],
  ttl: undefined,
  batchSource: {
    name: uri,
    type: 1,
    classType: undefined,
    fieldMapping: [],
    timestampField: 'at',
    createdTimestampColumn: '',
    file: { format: undefined, uri },
    batchSource: undefined,
    ...rest,
  },
  streamSource: undefined,
  entityColumns: [],
  sourceViews: [],
  transformation: undefined,
  tags: [],
  description: '',
  owner: '',
})
const read = (uri: string) => {
  const { name, path } = readSource(view(uri))
  return [name, path]
}

test('a source without a name is called by its file; a folder is all Parquet files in it', () => {
  expect(read('data/driver-stats.parquet')).toEqual(['driver-stats', 'data/driver-stats.parquet'])
  expect(read('file:///lake/2026 trips.parquet')).toEqual(['source_2026_trips', '/lake/2026 trips.parquet'])
  expect(read('/lake/trips/')).toEqual(['trips', '/lake/trips/**/*.parquet'])
  expect(read('/lake/*/trips.parquet')).toEqual(['trips', '/lake/*/trips.parquet'])
  expect(read('s3://bucket/trips')).toEqual(['trips', 's3://bucket/trips/'])
})

test('what cannot be read is refused with the reason', () => {
  expect(() => read('gs://bucket/trips')).toThrow('gs://')
  expect(() => read('')).toThrow('no path')
  expect(() => readSource(view('a.parquet', { file: { format: { delta: {} }, uri: 'a' } }))).toThrow('Delta')
  expect(() => readSource(view('a.parquet', { timestampField: '' }))).toThrow('no timestamp field')
  expect(() => readSource(view('a.parquet', { file: undefined, type: 8 }))).toThrow('type Snowflake')
  expect(() => readSource(view('a.parquet', { timestampField: 'the time' }))).toThrow('"the time"')
})

test('views of one file share a dataset; files of one name get a number', () => {
  const datasets = createDatasets()
  const add = (uri: string, features: Record<string, 'string' | 'int64'>) =>
    datasets.add(readSource(view(uri)), { keys: { id: 'int64' }, features })
  expect(add('a/x.parquet', { f: 'string' })).toBe('x')
  expect(add('a/x.parquet', { g: 'int64' })).toBe('x')
  expect(add('b/x.parquet', { f: 'int64' })).toBe('x_2')
  expect(() => add('a/x.parquet', { f: 'int64' })).toThrow('it reads "f" as int64, and also as string')
  expect(datasets.all().map(({ name, schema }) => [name, Object.keys(schema)])).toEqual([
    ['x', ['at', 'id', 'f', 'g']],
    ['x_2', ['at', 'id', 'f']],
  ])
})
