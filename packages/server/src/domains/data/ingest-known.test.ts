import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DatasetDefinition, Expectation } from '@millrace/protocol'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { QueryInput } from '../../ports/query-source.ts'
import { createTemporaryData } from '../../testing/temporary-data.ts'
import { createDataService } from './index.ts'

let embedded: Awaited<ReturnType<typeof createTemporaryData>>
const secrets: Record<string, string> = { MILLRACE_SECRET_PII_SALT: 'salt' }
let name: string
let count = 0
beforeAll(async () => {
  embedded = await createTemporaryData({ secrets })
})
beforeEach(async () => {
  embedded.clock.advance(1)
  name = `known${count++}`
  await mkdir(join(embedded.dir, name))
})
afterAll(() => embedded.close())

const define = (over: Partial<DatasetDefinition> = {}): DatasetDefinition => ({
  kind: 'dataset',
  name,
  source: { format: 'csv', path: name },
  schema: { at: 'timestamp', n: 'int64', s: 'string' },
  derived: {},
  timestamp: 'at',
  expectations: [],
  ...over,
})

const write = (file: string, rows: string) => writeFile(join(embedded.dir, name, file), `at,n,s\n${rows}`)

const ingest = () => {
  embedded.clock.advance(1)
  return embedded.data.ingest({ dataset: name })
}
const validations = async () => (await embedded.data.listValidations(name)).items

const entity = (column: string) => ({ kind: 'entity', name: `${name}-entity`, key: { [column]: 'string' } })
const view = {
  kind: 'feature-view',
  entity: '',
  from: '',
  timestamp: 'at',
  ttlMs: null,
  hopMs: 60_000,
  features: { n: { type: 'int64', last: 'n' } },
}

test.each(['replace', 'append'] as const)(
  'rows are judged again when a view needs a column of them (%s)',
  async (mode) => {
    const { apply } = embedded
    await write('a.csv', '2001-01-01,1,\n')
    await apply([define({ mode })])
    await ingest()
    await ingest()
    expect(await validations()).toHaveLength(1)
    await apply([define({ mode }), entity('s'), { ...view, name, entity: `${name}-entity`, from: name }])
    await expect(ingest()).rejects.toMatchObject({
      code: 'dataset.expectation_failed',
      message: expect.stringContaining('column "s" failed expect_column_values_to_not_be_null'),
    })
  },
)

const hashed = { pii: { s: { pii: 'name', mask: 'hash' } } } as const

test('with another salt a source is read again, and nothing is appended to hashes of before', async () => {
  const { apply, data } = embedded
  await write('a.csv', '2001-01-01,1,Ann\n')
  await apply([define(hashed)])
  const first = await ingest()
  expect(await ingest()).toEqual(first)
  const salted = (salt: string) =>
    createDataService({
      ...embedded,
      baseDir: embedded.dir,
      secrets: { get: async () => salt },
    })
  const second = await salted('pepper').ingest({ dataset: name })
  expect(second.version).not.toBe(first.version)
  await apply([define({ ...hashed, mode: 'append' })])
  await data.ingest({ dataset: name, mode: 'replace' })
  await write('b.csv', '2001-01-02,2,Ann\n')
  await expect(salted('pepper').ingest({ dataset: name })).rejects.toMatchObject({
    code: 'dataset.append_refused',
    details: { changed: 'the salt of its hashes' },
  })
  expect(await ingest()).toMatchObject({ rows: 2 })
})

const recent: Expectation = {
  type: 'expect_column_max_to_be_recent',
  kwargs: { column: 'at', max_age_ms: 60_000 },
  severity: 'stop',
}

test.each(['replace', 'append'] as const)(
  'what depends on the time is judged each time (%s)',
  async (mode) => {
    const { apply, clock, data } = embedded
    await write('a.csv', `${new Date(clock.now()).toISOString()},1,a\n`)
    await apply([define({ mode, expectations: [recent] })])
    const version = await ingest()
    expect(await ingest()).toEqual(version)
    expect(await ingest()).toEqual(version)
    expect((await validations()).map(({ accepted }) => accepted)).toEqual([true, true, true])
    clock.advance(61_000)
    await expect(ingest()).rejects.toMatchObject({ code: 'dataset.expectation_failed' })
    expect((await validations())[0]).toMatchObject({ accepted: false, version: version.version })
    expect((await validations())[0].result.meta.failing_rows).toBeUndefined()
    expect(await data.latestVersion(name)).toEqual(version)
  },
)

test('a version that comes back is compared with the one that is the latest now', async () => {
  const { apply, data } = embedded
  const grows: Expectation = {
    type: 'expect_table_row_count_change_percent_to_be_between',
    kwargs: { min_value: 0 },
    severity: 'stop',
  }
  await apply([define({ expectations: [grows] })])
  await write('a.csv', '2001-01-01,1,a\n')
  await ingest()
  await write('a.csv', '2001-01-01,1,a\n2001-01-02,2,b\n')
  const two = await ingest()
  // Again, compared with one row and not with itself.
  expect(await ingest()).toEqual(two)
  await write('a.csv', '2001-01-01,1,a\n')
  await expect(ingest()).rejects.toMatchObject({ code: 'dataset.expectation_failed' })
  expect((await validations())[0].result.results[1].result).toMatchObject({
    observed_value: -50,
    details: { previous_version: two.version },
  })
  // The same rows as another file.
  await write('a.csv', '2001-01-01,1.0,a\n')
  await expect(ingest()).rejects.toMatchObject({ code: 'dataset.expectation_failed' })
  expect(await data.latestVersion(name)).toEqual(two)
})

test('a watermark beyond 2^53 is asked for by all its digits', async () => {
  const { apply } = embedded
  const asked: QueryInput['from'][] = []
  let rows: [string, string][] = []
  const data = createDataService({
    ...embedded,
    baseDir: embedded.dir,
    secrets: { get: async () => 'postgres://' },
    queries: {
      async *read({ from }) {
        asked.push(from)
        const columns = [{ name: 'at', type: 'time' } as const, { name: 'n', type: 'integer' } as const]
        yield {
          columns,
          rows: rows.filter(([, n]) => from === undefined || from.isTime || BigInt(n) >= from.value),
        }
      },
    },
  })
  const source = { format: 'postgres', query: 'select', connection: 'SHOP' } as const
  const schema = { at: 'timestamp', n: 'int64' } as const
  const large = 2n ** 62n
  for (const watermark of ['n', 'at']) {
    await apply([define({ source, schema, mode: 'append', watermark })])
    rows = [['1969-12-31T23:59:59.9995', String(large + 1n)]]
    await data.ingest({ dataset: name, mode: 'replace' })
    rows.push(['2001-01-02', String(large + 2n)])
    embedded.clock.advance(1)
    expect(await data.ingest({ dataset: name })).toMatchObject({ rows: 2 })
  }
  const before = { column: 'at', value: -1n, isTime: true }
  expect(asked).toEqual([undefined, { column: 'n', value: large + 1n, isTime: false }, undefined, before])
})
