import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LakeColumn } from '../../ports/lake.ts'
import { createTemporaryData } from '../../testing/temporary-data.ts'
import { determination, equalShare } from './leakage-signals.ts'
import { createFeatureService, type FeatureService } from './service.ts'

const numbers = (values: number[]): LakeColumn => ({
  name: 'n',
  kind: 'number',
  values: Float64Array.from(values),
})
const flags = (values: boolean[]): LakeColumn => ({
  name: 'b',
  kind: 'boolean',
  values: Float64Array.from(values, Number),
})
const rows = 2000
const range = Array.from({ length: rows }, (_, i) => i)
/** Evenly mixed and unlike the row's number. */
const mixed = range.map((i) => (i * 7919) % rows)

test('a feature that is the label is found, whatever is missing', () => {
  const label = flags(mixed.map((x) => x % 3 === 0))
  expect(equalShare(numbers(mixed.map((x) => (x % 3 === 0 ? 1 : 0))), label)).toBe(1)
  expect(equalShare(numbers(mixed.map((x, i) => (i % 2 ? Number.NaN : x % 3 === 0 ? 1 : 0))), label)).toBe(1)
  expect(equalShare(numbers(mixed.map((x) => x % 2)), label)).toBeCloseTo(0.5, 1)
  expect(equalShare(numbers(range.map(() => 1)), flags(range.map(() => true)))).toBe(0)
  expect(equalShare(numbers([1, 0]), flags([true, false]))).toBe(0)
})

test('a feature that tells the label is found, a constant, an id and chance are not', () => {
  const label = flags(mixed.map((x) => x > 600))
  expect(determination(numbers(mixed), label)).toBeGreaterThan(0.97)
  expect(determination(numbers(mixed.map((x) => (x > 600 ? 7 : 3))), label)).toBe(1)
  expect(determination(numbers(mixed.map((x) => (x * 31) % 997)), label)).toBeLessThan(0.3)
  expect(determination(numbers(range.map(() => 4)), label)).toBe(0)
  const ids: LakeColumn = {
    name: 's',
    kind: 'string',
    codes: Int32Array.from(range),
    dictionary: range.map(String),
  }
  expect(determination(ids, label)).toBe(0)
  const amount = numbers(mixed.map((x) => x ** 3))
  expect(determination(numbers(mixed.map((x) => -x)), amount)).toBeCloseTo(1, 9)
  expect(determination(numbers(range), amount)).toBeLessThan(0.1)
})

const day = 86_400_000
const visits = {
  kind: 'dataset',
  name: 'visits',
  source: { format: 'csv', path: 'visits.csv' },
  schema: {
    at: 'timestamp',
    left: 'timestamp',
    shop: 'int64',
    ticket: 'string',
    spent: 'int64',
    copy: 'int64',
  },
  derived: {},
  timestamp: 'at',
  expectations: [],
}
const shop = { kind: 'entity', name: 'shop', key: { shop: 'int64' } }
const shopView = {
  kind: 'feature-view',
  name: 'shop_visits',
  entity: 'shop',
  from: 'visits',
  timestamp: 'at',
  ttlMs: null,
  hopMs: day,
  features: { last_spent: { type: 'int64', last: 'spent' } },
}
const service = {
  kind: 'feature-service',
  name: 'visit_features',
  featureViews: ['shop_visits'],
  onDemandViews: [],
  request: { ticket: 'string', copy: 'int64', left: 'timestamp' },
  timestamp: 'at',
}
const set = {
  kind: 'training-set',
  name: 'big_visits',
  spine: 'visits',
  service: 'visit_features',
  label: { name: 'big', type: 'boolean', sql: 'spent > 50' },
  split: { by: 'time', shares: { train: 0.5, test: 0.5 }, gapMs: 0 },
}

let embedded: Awaited<ReturnType<typeof createTemporaryData>>
let features: FeatureService
let version: { dataset: string; version: string }
beforeAll(async () => {
  embedded = await createTemporaryData()
  features = createFeatureService(embedded)
  const strict = (name: string, allow: string[]) => ({ ...set, name, leakage: { action: 'stop', allow } })
  await embedded.apply([
    visits,
    shop,
    shopView,
    service,
    set,
    strict('strict', []),
    strict('allowed', ['last_spent', 'ticket', 'left', 'shop_visits', 'copy']),
  ])
  const lines = Array.from({ length: 200 }, (_, i) => {
    const [at, left] = [i, i + (i % 4 === 0 ? 1 : -1)].map((m) => new Date(day + m * 60_000).toISOString())
    const spent = (i * 37) % 101
    return [at, left, i % 7, `t${i}`, spent, spent > 50 ? 1 : 0].join(',')
  })
  await writeFile(
    join(embedded.dir, 'visits.csv'),
    ['at,left,shop,ticket,spent,copy', ...lines, ''].join('\n'),
  )
  version = await embedded.data.ingest({ dataset: 'visits' })
})
afterAll(() => embedded.close())

const build = (name: string) => features.buildTrainingSet({ name, version, from: 0, until: 3 * day })

test('findings are in the manifest, with members that are training sets of their own', async () => {
  const { manifest } = await build('big_visits')
  expect(manifest.leakage.map(({ check, name }) => [check, name])).toEqual([
    ['id_like', 'ticket'],
    ['equals_label', 'copy'],
    ['future_time', 'left'],
    ['determines_label', 'last_spent'],
    ['own_row', 'last_spent'],
    ['known_later', 'shop_visits'],
  ])
  expect(manifest.leakage[2]).toMatchObject({
    share: 0.25,
    message: expect.stringContaining('in 25 % of the rows'),
  })
  expect(manifest.members?.map(({ member, rows }) => [member, rows])).toEqual([
    ['train', 100],
    ['test', 100],
  ])
  const [train, test] = await Promise.all(
    (manifest.members ?? []).map(({ digest }) => features.loadTrainingSet(digest)),
  )
  expect([train.rows, test.rows]).toEqual([100, 100])
  const { members: _, content, statistics, rows: _rows, ...shared } = manifest
  expect(train.manifest).toMatchObject({ ...shared, member: 'train', rows: 100 })
  expect(train.manifest.statistics.at.max).toBeLessThan(Number(test.manifest.statistics.at.min))
})

test('a set can be refused for its findings, and what is right be allowed', async () => {
  await expect(build('strict')).rejects.toMatchObject({
    code: 'training_set.leakage',
    message: expect.stringContaining('"copy" is the label "big" in 100 % of the rows'),
  })
  expect((await build('allowed')).manifest.leakage).toEqual([])
})
