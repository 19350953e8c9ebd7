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
