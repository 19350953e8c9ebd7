import type { DatasetDefinition } from '@millrace/protocol'
import { expect, test } from 'vitest'
import * as api from '../index.ts'
import { dataset } from './dataset.ts'

const { csv, t } = api
const schema = { at: t.timestamp(), n: t.int64(), name: t.string() }
const compiled = (options: object) =>
  dataset('visits', { source: csv('visits.csv'), schema, timestamp: 'at', ...options }).compile({
    resolvePath: (path: string) => path,
    bundle: 'b'.repeat(64),
  })

test('a dataset that is appended to says so, and by which column', () => {
  expect(compiled({})).not.toHaveProperty('mode')
  expect(compiled({ mode: 'append' })).toMatchObject({ mode: 'append' })
  expect(compiled({ mode: 'append', watermark: 'n' })).toMatchObject({ mode: 'append', watermark: 'n' })
})

test.each([
  [{ watermark: 'n' }, 'a watermark needs the mode "append"'],
  [{ mode: 'append', watermark: 'name' }, 'watermark must name a timestamp or int64 column, got "name"'],
  [{ mode: 'append', watermark: 'gone' }, 'watermark must name a timestamp or int64 column, got "gone"'],
])('%j is refused', (options, message) => {
  expect(() => compiled(options)).toThrow(message)
})

test('sources say where rows come from, and what code makes them travels in the bundle', () => {
  const source = (given: unknown) => (compiled({ source: given }) as DatasetDefinition).source
  expect(source(api.csv('a', { delimiter: ';' }))).toEqual({
    format: 'csv',
    path: 'a',
    options: { delimiter: ';' },
  })
  expect(source(api.json('s3://bucket/a/'))).toEqual({ format: 'json', path: 's3://bucket/a/' })
  expect(source(api.arrow('a.feather'))).toEqual({ format: 'arrow', path: 'a.feather' })
  const query = { query: 'select 1', connection: 'SHOP' }
  expect(source(api.postgres(query))).toEqual({ format: 'postgres', ...query })
  const compute = (): { at: Date; n: number; name: string }[][] => []
  const made = dataset('made', { source: api.generate({ compute }), schema, timestamp: 'at' })
  expect(made.functions).toEqual([{ kind: 'dataset', name: 'made', run: compute, source: compute }])
  expect(() => made.compile({ resolvePath: (path) => path })).toThrow('digest of its bundle')
  expect(source(api.generate({ compute }))).toEqual({
    format: 'function',
    code: { bundle: 'b'.repeat(64) },
  })
})

test('versions to keep are said as a number, a time, or both', () => {
  expect(compiled({ keep: { last: 5, for: '12h' } })).toMatchObject({ keep: { last: 5, days: 0.5 } })
  expect(compiled({ keep: { for: '90d' } })).toMatchObject({ keep: { days: 90 } })
  expect(() => compiled({ keep: {} })).toThrow('dataset "visits": keep must say how many versions')
  expect(() => compiled({ keep: { last: 0 } })).toThrow('keep.last must be a whole number from 1, got 0')
  expect(() => compiled({ keep: { for: 'long' as never } })).toThrow('keep.for: "long" is not a duration')
})

test('rules for rejected rows, changes of the schema and personal data are part of the definition', () => {
  const tag = { pii: 'name', mask: 'redact' } as const
  const rules = { maxRejected: { share: 0.1 }, evolve: ['add'], renamedFrom: { name: 'who' } }
  expect(compiled({ ...rules, schema: { ...schema, name: t.string(tag) } })).toMatchObject({
    ...rules,
    schema: { at: 'timestamp', n: 'int64', name: 'string' },
    pii: { name: tag },
  })
})

test('what is said of features cannot be said of columns', () => {
  const bounded = { ...schema, n: t.int64({ min: 0 }) }
  expect(() => compiled({ schema: bounded })).toThrow('"min" of "n" is for features')
  const named = { ...schema, name: t.string({ pii: 'name', mask: 'hash', description: 'Who.' }) }
  expect(() => compiled({ schema: named })).toThrow('"description" of "name" is for features')
  const derived = { twice: api.derive(t.int64({ max: 9 }), 'n * 2') }
  expect(() => compiled({ derived })).toThrow('"max" of "twice" is for features')
  expect(() => api.entity('e', { key: { k: t.string({ in: ['a'] }) } })).toThrow(
    '"in" of "k" is for features',
  )
})
