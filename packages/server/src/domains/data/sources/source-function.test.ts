import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SourceRequest } from './source.ts'
import { openFunction } from './source-function.ts'

let scratch: string
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'millrace-function-'))
})
afterAll(() => rm(scratch, { recursive: true }))

const schema = { at: 'timestamp', n: 'int64', s: 'string' } as const
const at = new Date(Date.UTC(2001, 0, 1))

async function open(compute: (context: { after?: unknown }) => unknown, over: Partial<SourceRequest> = {}) {
  await rm(join(scratch, 'generated.ndjson'), { force: true })
  const source = { format: 'function', code: { bundle: 'a'.repeat(64) } } as const
  const request = { dataset: 'made', schema, source, hidesValues: false, scratch, mayRunCode: true, ...over }
  const definitions = { loadFunction: async () => compute as (...args: unknown[]) => unknown }
  const { files } = await openFunction({ definitions }, request, source)
  return (await readFile(files[0].path, 'utf8'))
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
}

test('batches are rows or columns, and every value is kept as text', async () => {
  const rows = await open(async function* () {
    yield [{ at, n: 1, s: 'a' }]
    yield { at: [at, null], n: [2n ** 60n, -1], s: ['', null] }
  })
  const text = '2001-01-01T00:00:00.000000'
  expect(rows).toEqual([
    { at: text, n: '1', s: 'a' },
    { at: text, n: '1152921504606846976', s: '' },
    { at: null, n: '-1', s: null },
  ])
})

test('the function is told what it made before', async () => {
  const seen: unknown[] = []
  const compute = ({ after }: { after?: unknown }) => {
    seen.push(after)
    return []
  }
  await open(compute)
  await open(compute, { after: { column: 'at', value: BigInt(at.getTime()), isTime: true } })
  // Not above what was seen, where a number has not all of the digits.
  for (const value of [7n, 2n ** 60n - 1n, -(2n ** 60n) - 1n])
    await open(compute, { after: { column: 'n', value, isTime: false } })
  expect(seen).toEqual([undefined, at, 7, 2 ** 60 - 256, -(2 ** 60) - 256])
})

test('a value that does not fit is named by row and column, and a failing function says why', async () => {
  const row = { at, n: 1, s: 'a' }
  for (const [bad, column, found] of [
    [{ ...row, n: 1.5 }, 'n', 'the number 1.5 in row 2'],
    [{ ...row, n: '1' }, 'n', 'the string 1 in row 2'],
    [{ at, n: 1 }, 's', 'no value (null is one) in row 2'],
    [{ ...row, at: new Date(Number.NaN) }, 'at', 'an invalid date in row 2'],
  ] as const) {
    await expect(open(() => [[row, bad]])).rejects.toMatchObject({
      code: 'dataset.schema_mismatch',
      details: { column, found },
    })
  }
  await expect(open(() => [{ at: [at], n: [1, 2], s: ['a'] }])).rejects.toMatchObject({
    details: { column: 'n', found: 'another number of values in row 2' },
  })
  const failing = () => {
    throw new Error('the service is down')
  }
  await expect(open(failing)).rejects.toMatchObject({
    code: 'dataset.source_unreadable',
    message: expect.stringContaining('the service is down'),
  })
  await expect(open(() => 5)).rejects.toMatchObject({ message: expect.stringContaining('yield batches') })
  await expect(open(() => [], { mayRunCode: false })).rejects.toMatchObject({
    message: expect.stringContaining('step "ingest"'),
  })
})
