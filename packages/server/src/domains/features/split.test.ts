import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SplitDefinition } from '@millrace/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDuckDbLake } from '../../drivers/lake/duckdb.ts'
import type { Lake } from '../../ports/lake.ts'
import type { SetColumn } from './service-plan.ts'
import { splitQueries } from './split.ts'

const rows = 5000
const columns: SetColumn[] = [
  { name: 'customer', type: 'int64', role: 'key' },
  { name: 'at', type: 'timestamp', role: 'timestamp' },
  { name: 'size', type: 'float64', role: 'feature' },
  { name: 'kind', type: 'string', role: 'label' },
]

let lake: Lake
let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'split-'))
  lake = await createDuckDbLake({ threads: 2, memoryLimitMb: 256, tempDir: join(dir, 'spill') })
  // Five rows per second; every tenth of a rare kind, some without.
  await write('all', rows)
  await write('fewer', rows - 1000)
})
afterAll(async () => {
  await lake.close()
  await rm(dir, { recursive: true })
})

function write(name: string, count: number) {
  return lake.writeParquet(
    `SELECT i * 7919 % 100 AS customer, make_timestamp(i // 5 * 1000000) AS at, i / 3 AS size,
       CASE WHEN i % 50 = 0 THEN NULL WHEN i % 10 = 1 THEN 'rare' ELSE 'usual' END AS kind
     FROM range(${count}) AS r(i) ORDER BY i`,
    join(dir, `${name}.parquet`),
  )
}

interface Row {
  customer: number
  at: number
  size: number
  kind: string | null
}

async function membersOf(split: SplitDefinition, name = 'all', count = rows) {
  const path = join(dir, `${name}.parquet`)
  const found = await splitQueries(lake, split, { path, rows: count, columns, timestamp: 'at' })
  return Promise.all(found.map(async ({ member, sql }) => ({ member, rows: await lake.rows<Row>(sql) })))
}

const shares = { train: 0.7, validation: 0.1, test: 0.2 }
const sizes = (members: { rows: Row[] }[]) => members.map((member) => member.rows.length)
const all = (members: { rows: Row[] }[]) =>
  members.flatMap((member) => member.rows.map(({ size }) => size)).sort((a, b) => a - b)

test('a random split takes every row once, in the order of the set, and keeps rows where they are', async () => {
  const split: SplitDefinition = { by: 'random', shares, seed: 3 }
  const members = await membersOf(split)
  expect(members.map(({ member }) => member)).toEqual(['train', 'validation', 'test'])
  expect(all(members)).toEqual(Array.from({ length: rows }, (_, i) => i / 3))
  for (const [i, size] of sizes(members).entries()) {
    expect(Math.abs(size / rows - Object.values(shares)[i])).toBeLessThan(0.03)
  }
  for (const { rows: some } of members) {
    expect(some.map(({ size }) => size)).toEqual(some.map(({ size }) => size).toSorted((a, b) => a - b))
  }
  expect(await membersOf(split)).toEqual(members)
  // The rows that a smaller set has are in the same members there.
  const fewer = await membersOf(split, 'fewer', rows - 1000)
  for (const [i, { rows: some }] of fewer.entries()) {
    expect(some).toEqual(members[i].rows.filter(({ size }) => size < (rows - 1000) / 3))
  }
  expect(await membersOf({ ...split, seed: 4 })).not.toEqual(members)
})

test('a stratified split has every value in its shares, the missing one too', async () => {
  const members = await membersOf({ by: 'stratified', shares, seed: 0, column: 'kind' })
  expect(all(members)).toHaveLength(rows)
  const count = (kind: string | null) =>
    members.map((member) => member.rows.filter((row) => row.kind === kind).length)
  expect(count('rare')).toEqual([350, 50, 100])
  expect(count(null)).toEqual([70, 10, 20])
  expect(count('usual')).toEqual([3080, 440, 880])
})

test('groups stay together', async () => {
  const members = await membersOf({ by: 'group', shares, seed: 0, columns: ['customer'] })
  expect(all(members)).toHaveLength(rows)
  const customers = members.map((member) => new Set(member.rows.map(({ customer }) => customer)))
  expect(customers.reduce((sum, { size }) => sum + size, 0)).toBe(100)
  expect(Math.min(...customers.map(({ size }) => size))).toBeGreaterThan(1)
})

test('a split by time never parts a moment, and leaves the gap before the next member out', async () => {
  const members = await membersOf({ by: 'time', shares, gapMs: 0 })
  expect(sizes(members)).toEqual([3500, 500, 1000])
  const odd = await membersOf({ by: 'time', shares: { train: 0.7002, test: 0.2998 }, gapMs: 0 })
  expect(sizes(odd)).toEqual([3500, 1500])
  const gaps = await membersOf({ by: 'time', shares, gapMs: 10_000 })
  expect(sizes(gaps)).toEqual([3450, 450, 1000])
  for (const [i, { rows: some }] of gaps.entries()) {
    const [times, next] = [some.map(({ at }) => at), gaps[i + 1]?.rows.map(({ at }) => at)]
    if (next) expect(Math.min(...next) - Math.max(...times)).toBe(11_000)
  }
})
