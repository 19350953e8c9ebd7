import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { OnlineRow, OnlineStore } from '../online-store.ts'

/** What every online store must do. `open` may be called twice on one folder: two processes on one store. */
export function onlineStoreContract(open: (dir: string) => Promise<OnlineStore>): void {
  describe('online store', () => {
    let dir: string
    let store: OnlineStore
    beforeAll(async () => {
      dir = await mkdtemp(join(tmpdir(), 'online-'))
      store = await open(dir)
    })
    afterAll(() => store.close())

    test('answers in the order of the keys, undefined where there is nothing', async () => {
      await store.write('order', [
        { key: 'a', eventTime: 1, values: [1, 'x', true, null] },
        { key: 'b', eventTime: 2, values: [2.5] },
      ])
      expect(await store.read('order', ['b', 'none', 'a', 'b'])).toEqual([
        { eventTime: 2, values: [2.5] },
        undefined,
        { eventTime: 1, values: [1, 'x', true, null] },
        { eventTime: 2, values: [2.5] },
      ])
      expect(await store.read('order', [])).toEqual([])
    })

    test('an older event time never replaces a newer one, an equal one does', async () => {
      const at = (eventTime: number, value: string) =>
        store.write('late', [{ key: 'k', eventTime, values: [value] }])
      await at(10, 'first')
      await at(9, 'older')
      expect(await store.read('late', ['k'])).toEqual([{ eventTime: 10, values: ['first'] }])
      await at(10, 'again')
      expect(await store.read('late', ['k'])).toEqual([{ eventTime: 10, values: ['again'] }])
    })

    test('whatever the order of writes, the latest event time remains', async () => {
      let table = 0
      const row = fc.record({
        key: fc.constantFrom('a', 'b', '"', ''),
        eventTime: fc.integer({ min: -5, max: 5 }),
      })
      await fc.assert(
        fc.asyncProperty(fc.array(row, { maxLength: 20 }), async (rows) => {
          const name = `random-${table++}`
          const expected = new Map<string, OnlineRow>()
          for (const [i, { key, eventTime }] of rows.entries()) {
            const written = { key, eventTime, values: [i] }
            await store.write(name, [written])
            if (eventTime >= (expected.get(key)?.eventTime ?? -Infinity)) expected.set(key, written)
          }
          for (const [key, { eventTime, values }] of expected) {
            expect(await store.read(name, [key])).toEqual([{ eventTime, values }])
          }
        }),
        { numRuns: 30 },
      )
    })

    test('tables are apart, also when their names differ by case only', async () => {
      await store.write('one', [{ key: 'k', eventTime: 1, values: [1] }])
      await store.write('ONE', [{ key: 'k', eventTime: 1, values: [2] }])
      await store.drop('one')
      await store.drop('never written')
      expect(await store.read('one', ['k'])).toEqual([undefined])
      expect(await store.read('ONE', ['k'])).toEqual([{ eventTime: 1, values: [2] }])
    })

    test('a write is seen by another process at once', async () => {
      const other = await open(dir)
      await other.write('shared', [{ key: 'k', eventTime: 5, values: ['there'] }])
      expect(await store.read('shared', ['k'])).toEqual([{ eventTime: 5, values: ['there'] }])
      await other.close()
    })
  })
}
