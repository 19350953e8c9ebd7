import { join } from 'node:path'
import type { DatasetDefinition } from '@millrace/protocol'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTemporaryData } from '../../testing/temporary-data.ts'
import { diffVersions } from './version-diff.ts'

let embedded: Awaited<ReturnType<typeof createTemporaryData>>
beforeAll(async () => {
  embedded = await createTemporaryData()
})
beforeEach(() => embedded.clock.advance(1))
afterAll(() => embedded.close())

const definition: DatasetDefinition = {
  kind: 'dataset',
  name: 'orders',
  source: { format: 'parquet', path: 'orders.parquet' },
  schema: { at: 'timestamp', id: 'int64', amount: 'float64', shop: 'string' },
  derived: {},
  timestamp: 'at',
  expectations: [],
}

async function ingest(rows: string, over: Partial<DatasetDefinition> = {}): Promise<string> {
  await embedded.apply([{ ...definition, ...over }])
  const query = `SELECT TIMESTAMP '2001-01-01' + to_hours(i::INTEGER) AS at, i::BIGINT AS id, ${rows} FROM range(100) r(i)`
  await embedded.lake.writeParquet(query, join(embedded.dir, 'orders.parquet'))
  return (await embedded.data.ingest({ dataset: 'orders' })).version
}
const diff = (from: string, to: string, key?: string[]) =>
  diffVersions(embedded, { dataset: 'orders', from, to, key })

describe('two versions of a dataset', () => {
  it('differ by their rows, by key or as a whole, and by how values are distributed', async () => {
    const before = await ingest("i::DOUBLE AS amount, CASE WHEN i % 2 = 0 THEN 'a' END AS shop")
    const after = await ingest(
      "CASE WHEN i < 10 THEN i + 1000 ELSE i END::DOUBLE AS amount, CASE WHEN i % 2 = 0 THEN 'a' END AS shop",
    )
    const found = await diff(before, after, ['id'])
    expect(found).toMatchObject({
      from: before,
      to: after,
      schema: { added: [], removed: [], changed: [] },
      rows: { from: 100, to: 100, added: 0, removed: 0, changed: 10 },
    })
    const shifts = Object.fromEntries(found.columns.map(({ column, psi }) => [column, psi]))
    expect(shifts.amount).toBeGreaterThan(0.1)
    expect([shifts.at, shifts.id, shifts.shop]).toEqual([0, 0, 0])
    expect(found.columns.find(({ column }) => column === 'shop')?.nulls).toEqual({ from: 50, to: 50 })
    expect((await diff(before, 'latest')).rows).toEqual({ from: 100, to: 100, added: 10, removed: 10 })
    expect((await diff(after, after, ['id'])).rows).toMatchObject({ added: 0, removed: 0, changed: 0 })
    await expect(diff(before, after, ['shop'])).rejects.toMatchObject({
      code: 'dataset.diff_refused',
      message: expect.stringContaining('name several rows'),
    })
    await expect(diff(before, after, ['none'])).rejects.toMatchObject({ code: 'dataset.diff_refused' })
    await expect(diff('none', after)).rejects.toMatchObject({ code: 'dataset.version_not_found' })
  })

  it('differ by their columns', async () => {
    const before = await ingest("i::DOUBLE AS amount, 'a' AS shop")
    const after = await ingest('i::BIGINT AS amount, 1.5::DOUBLE AS weight', {
      schema: { at: 'timestamp', id: 'int64', amount: 'int64', weight: 'float64' },
    })
    const found = await diff(before, after, ['id'])
    expect(found.schema).toEqual({
      added: [{ column: 'weight', type: 'float64' }],
      removed: [{ column: 'shop', type: 'string' }],
      changed: [{ column: 'amount', from: 'float64', to: 'int64' }],
    })
    expect(found.rows).toEqual({ from: 100, to: 100, added: 0, removed: 0, changed: 0 })
    expect(found.columns.map(({ column }) => column)).toEqual(['at', 'id'])
  })
})
