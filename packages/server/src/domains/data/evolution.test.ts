import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DatasetDefinition } from '@millrace/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTemporaryData } from '../../testing/temporary-data.ts'
import { planEvolution } from './evolution.ts'

let embedded: Awaited<ReturnType<typeof createTemporaryData>>
beforeAll(async () => {
  embedded = await createTemporaryData()
})
afterAll(() => embedded.close())

const orders = (over: Partial<DatasetDefinition> = {}): DatasetDefinition => ({
  kind: 'dataset',
  name: 'orders',
  source: { format: 'csv', path: 'orders' },
  schema: { at: 'timestamp', n: 'int64' },
  derived: { twice: { type: 'int64', sql: 'n * 2' } },
  timestamp: 'at',
  mode: 'append',
  expectations: [],
  ...over,
})

test('rows that are there follow declared changes, and files that were read stay read', async () => {
  const { data, apply, lake, dir, clock } = embedded
  await mkdir(join(dir, 'orders'))
  await apply([orders()])
  await writeFile(join(dir, 'orders', 'a.csv'), 'at,n\n2001-01-02,2\n2001-01-01,1\n')
  const first = await data.ingest({ dataset: 'orders' })
  clock.advance(1)
  await writeFile(join(dir, 'orders', 'b.csv'), 'time,n,shop\n2001-01-03,3.5,x\n')
  const changed = orders({
    schema: { time: 'timestamp', n: 'float64', shop: 'string' },
    derived: { twice: { type: 'int64', sql: 'n * 2' }, known: { type: 'boolean', sql: 'shop IS NOT NULL' } },
    timestamp: 'time',
    evolve: ['add', 'widen'],
    renamedFrom: { time: 'at' },
  })
  await apply([changed])
  const second = await data.ingest({ dataset: 'orders', path: 'orders/b.csv' })
  expect(second).toMatchObject({ base: first.version, rows: 3, partCount: 2 })
  const rows = await lake.rows(`SELECT * FROM ${await data.relation(second)}`)
  expect(rows).toEqual([
    { time: Date.UTC(2001, 0, 1), n: 1, shop: null, twice: 2, known: false },
    { time: Date.UTC(2001, 0, 2), n: 2, shop: null, twice: 4, known: false },
    { time: Date.UTC(2001, 0, 3), n: 3.5, shop: 'x', twice: 7, known: true },
  ])
  expect(await lake.rows(`SELECT * FROM ${await data.relation(first)}`)).toHaveLength(2)
  // The source as a whole has the old file, too: it is not read again.
  clock.advance(1)
  expect(await data.ingest({ dataset: 'orders' })).toEqual(second)
})

test('what is not declared is refused with the column, what it is and what it should be', () => {
  const plan = (over: Partial<DatasetDefinition>) => () => planEvolution(orders(), orders(over), 'v1')
  const refused = (column: string, found: string, expected: string) =>
    expect.objectContaining({
      code: 'dataset.evolution_refused',
      details: expect.objectContaining({ column, found, expected }),
    })
  const schema = { at: 'timestamp', n: 'int64' } as const
  expect(plan({ expectations: [] })()).toBeUndefined()
  expect(plan({ schema: { ...schema, s: 'string' } })).toThrow(refused('s', 'no such column', 'string'))
  expect(plan({ schema: { ...schema, n: 'float64' } })).toThrow(refused('n', 'int64', 'float64'))
  const all = { evolve: ['add', 'widen'] } as Partial<DatasetDefinition>
  expect(plan({ ...all, schema: { ...schema, n: 'string' } })).toThrow(refused('n', 'int64', 'string'))
  expect(plan({ ...all, schema: { at: 'timestamp' }, derived: {} })).toThrow(
    refused('n', 'int64', 'no such column'),
  )
  const renamedFrom = { a: 'n', b: 'n' }
  expect(plan({ ...all, renamedFrom, schema: { at: 'timestamp', a: 'int64', b: 'int64' } })).toThrow(
    refused('n', 'int64', 'one column'),
  )
  expect(plan({ derived: { twice: { type: 'int64', sql: 'n + n' } } })).toThrow(
    'a derived column has changed',
  )
  expect(plan({ pii: { n: { pii: 'age', mask: 'redact' } } })).toThrow('the mask of a column has changed')
})
