import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { startWriter } from '../testing/crash.ts'
import { createSqliteOnlineStore } from './sqlite.ts'

/** Writes rows of the times given, in pairs, for ever or once; tells each time after its write. */
const writer = `
import { createSqliteOnlineStore } from './sqlite.ts'
const [path, table, step, count] = process.argv.slice(1)
const store = createSqliteOnlineStore({ path })
for (let i = 1; i <= Number(count); i++) {
  const eventTime = Number(step) > 0 ? i : Number(count) + 1 - i
  await store.write(table, ['a', 'b'].map((key) => ({ key, eventTime, values: [eventTime, 'x'.repeat(500)] })))
  console.log(eventTime)
}
await store.close()
`

const folder = mkdtempSync(join(tmpdir(), 'online-processes-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('what was written is there after the writer was killed, both rows of a write or none', async () => {
  const path = join(folder, 'killed.db')
  const child = startWriter(writer, import.meta.url, [path, 't', '1', '100000000'])
  await child.written(300)
  const told = Number((await child.kill()).at(-1))
  const store = createSqliteOnlineStore({ path })
  const [[a, b]] = await store.read([{ table: 't', keys: ['a', 'b'] }])
  expect(a?.eventTime).toBeGreaterThanOrEqual(told)
  expect(b).toEqual(a)
  await store.close()
})

test('of processes that write at the same time, up and down, the latest time remains', async () => {
  const path = join(folder, 'raced.db')
  const writers = ['1', '-1'].map((step) => startWriter(writer, import.meta.url, [path, 't', step, '400']))
  expect(await Promise.all(writers.map(({ ended }) => ended))).toEqual([0, 0])
  const store = createSqliteOnlineStore({ path })
  const [[a, b]] = await store.read([{ table: 't', keys: ['a', 'b'] }])
  expect([a?.eventTime, b?.eventTime]).toEqual([400, 400])
  await store.close()
})
