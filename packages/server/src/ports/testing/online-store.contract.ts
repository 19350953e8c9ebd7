import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { OnlineStore, OnlineValue, UnpackedRow } from '../online-store.ts'

/** What every online store must do. `open` may be called twice on one folder: two processes on one store. */
export function onlineStoreContract(open: (dir: string) => Promise<OnlineStore>): void {
  describe('online store', () => {
    let dir: string
    let store: OnlineStore
    beforeAll(async () => {
      dir = await mkdtemp(join(tmpdir(), 'online-'))
      store = await open(dir)
    })
    afterAll(async () => {
      await store.close()
      await rm(dir, { recursive: true })
    })

    async function read(table: string, keys: string[]): Promise<(OnlineValue | undefined)[]> {
      const [found] = await store.read([{ table, keys }])
      return found
    }

    test('answers in the order of the keys, undefined where there is nothing', async () => {
      await store.write('order', [
        { key: 'a', eventTime: 1, values: [1, 'x', true, null] },
        { key: 'b', eventTime: 2, values: [2.5] },
      ])
      expect(await read('order', ['b', 'none', 'a', 'b'])).toEqual([
        { eventTime: 2, values: [2.5] },
        undefined,
        { eventTime: 1, values: [1, 'x', true, null] },
        { eventTime: 2, values: [2.5] },
      ])
      expect(await read('order', [])).toEqual([])
      expect(await store.read([])).toEqual([])
    })

    test('reads several tables at once, in the order asked for', async () => {
      await store.write('left', [{ key: 'k', eventTime: 1, values: ['left'] }])
      await store.write('right', [{ key: 'k', eventTime: 2, values: ['right'] }])
      expect(
        await store.read([
          { table: 'right', keys: ['none', 'k'] },
          { table: 'left', keys: [] },
          { table: 'left', keys: ['k'] },
        ]),
      ).toEqual([[undefined, { eventTime: 2, values: ['right'] }], [], [{ eventTime: 1, values: ['left'] }]])
    })

    test('values come back to the last bit', async () => {
      const values = [2 ** 53 - 1, -0, 5e-324, 0.1, 'a\u0000b', '𝛑é', '', false, null]
      await store.write('exact', [{ key: '["𝛑\\"", ":*"]', eventTime: 1.001, values }])
      expect(await read('exact', ['["𝛑\\"", ":*"]'])).toEqual([{ eventTime: 1.001, values }])
    })

    test('an older event time never replaces a newer one, an equal one does', async () => {
      const at = (eventTime: number, value: string) =>
        store.write('late', [{ key: 'k', eventTime, values: [value] }])
      expect(await at(10, 'first')).toBe(1)
      expect(await at(9.999, 'older')).toBe(0)
      expect(await read('late', ['k'])).toEqual([{ eventTime: 10, values: ['first'] }])
      expect(await at(10, 'again')).toBe(1)
      expect(await read('late', ['k'])).toEqual([{ eventTime: 10, values: ['again'] }])
    })

    test('of rows of one event time one that was created earlier replaces none', async () => {
      const write = (created: number | null | undefined, value: string, eventTime = 10) =>
        store.write('created', [{ key: 'k', eventTime, values: [value], created }])
      const steps: [taken: number, ...Parameters<typeof write>][] = [
        [1, null, 'a'],
        [1, 10, 'b'],
        [0, 6, 'c'],
        [0, null, 'd'],
        [1, 10, 'e'],
        [1, 6, 'f', 11],
        [1, undefined, 'g', 11],
        [1, 5, 'h', 11],
      ]
      for (const [taken, ...row] of steps) expect([row, await write(...row)]).toEqual([row, taken])
      expect(await read('created', ['k'])).toEqual([{ eventTime: 11, values: ['h'] }])
    })

    test('of rows of one event time the greatest remains where that is asked for, in whatever order they come', async () => {
      const created = fc.option(fc.integer({ min: 0, max: 2 }))
      // A column has values of one kind.
      const values = fc.tuple(
        fc.option(fc.integer({ min: -1, max: 1 })),
        fc.option(fc.constantFrom('a', 'b', 'ä', '𝛑', '\uffff', '')),
        fc.option(fc.boolean()),
      )
      const row = fc.record({
        key: fc.constantFrom('x', 'y'),
        eventTime: fc.integer({ min: 0, max: 1 }),
        values,
        created,
      })
      let run = 0
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(row, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 }),
          async (writes) => {
            const [one, other] = [`tied-${++run}`, `tied-other-${run}`]
            for (const rows of writes) await store.write(one, rows, { ties: 'greatest' })
            for (const rows of writes.toReversed()) {
              await store.write(other, rows.toReversed(), { ties: 'greatest' })
            }
            const all = writes.flat()
            const expected = ['x', 'y'].map((wanted) => {
              const [best] = all.filter(({ key }) => key === wanted).sort((a, b) => compare(b, a))
              return best && { eventTime: best.eventTime, values: best.values }
            })
            expect(await read(one, ['x', 'y'])).toEqual(expected)
            expect(await read(other, ['x', 'y'])).toEqual(expected)
          },
        ),
        { numRuns: 60 },
      )
      const same = { key: 'k', eventTime: 1, values: [1] }
      expect(await store.write('same', [same], { ties: 'greatest' })).toBe(1)
      expect(await store.write('same', [same], { ties: 'greatest' })).toBe(0)
      // What was materialized counts, whatever was there.
      expect(await store.write('same', [{ ...same, values: [0] }])).toBe(1)
    })

    test('of the rows of one write, too, the latest remains, and the last of equal ones', async () => {
      const row = (eventTime: number, value: string) => ({ key: 'k', eventTime, values: [value] })
      await store.write('within', [row(1, 'a'), row(3, 'b'), row(3, 'c'), row(2, 'd')])
      expect(await read('within', ['k'])).toEqual([{ eventTime: 3, values: ['c'] }])
      expect(await store.write('within', [])).toBe(0)
    })

    test('whatever is written, read and dropped, through which opening, it does as a map of the newest rows', async () => {
      const other = await open(dir)
      let run = 0
      const table = fc.constantFrom('x', 'X', 'x2')
      const key = fc.constantFrom('a', 'b', '"', '', 'ä')
      const rows = fc.array(fc.record({ key, eventTime: fc.integer({ min: -3, max: 3 }) }), { maxLength: 4 })
      const step = fc.oneof(
        { weight: 6, arbitrary: fc.record({ kind: fc.constant('write' as const), table, rows }) },
        {
          weight: 3,
          arbitrary: fc.record({ kind: fc.constant('read' as const), table, keys: fc.array(key) }),
        },
        { weight: 1, arbitrary: fc.record({ kind: fc.constant('drop' as const), table }) },
      )
      const steps = fc.array(fc.tuple(fc.boolean(), step), { maxLength: 25 })
      await fc.assert(
        fc.asyncProperty(steps, async (given) => {
          const nameOf = (name: string) => `${name}-${run}`
          run++
          const model = new Map<string, UnpackedRow>()
          for (const [n, [first, one]] of given.entries()) {
            const used = first ? store : other
            const known = (wanted: string) => model.get(`${one.table} ${wanted}`)
            if (one.kind === 'drop') {
              await used.drop(nameOf(one.table))
              for (const id of model.keys()) if (id.startsWith(`${one.table} `)) model.delete(id)
            } else if (one.kind === 'read') {
              const expected = one.keys.map((wanted) => {
                const row = known(wanted)
                return row && { eventTime: row.eventTime, values: row.values }
              })
              expect(await used.read([{ table: nameOf(one.table), keys: one.keys }])).toEqual([expected])
            } else {
              const written = one.rows.map((row, i) => ({ ...row, values: [n, i] }))
              let taken = 0
              for (const row of written) {
                if (row.eventTime < (known(row.key)?.eventTime ?? -Infinity)) continue
                model.set(`${one.table} ${row.key}`, row)
                taken++
              }
              expect(await used.write(nameOf(one.table), written)).toBe(taken)
            }
          }
        }),
        { numRuns: 40 },
      )
      await other.close()
    })

    test('of writes at the same time through two openings the latest event time remains', async () => {
      const other = await open(dir)
      const keys = Array.from({ length: 20 }, (_, i) => `k${i}`)
      // Both go through all times, in opposite directions.
      const times = Array.from({ length: 15 }, (_, i) => i)
      const writeAll = async (to: OnlineStore, order: number[]) => {
        for (const eventTime of order) {
          await to.write(
            'raced',
            keys.map((key) => ({ key, eventTime, values: [eventTime] })),
          )
        }
      }
      await Promise.all([writeAll(store, times), writeAll(other, times.toReversed())])
      expect(await read('raced', keys)).toEqual(keys.map(() => ({ eventTime: 14, values: [14] })))
      await other.close()
    })

    test('tables are apart, also when their names differ by case only', async () => {
      await store.write('one', [{ key: 'k', eventTime: 1, values: [1] }])
      await store.write('ONE', [{ key: 'k', eventTime: 1, values: [2] }])
      await store.write('one2', [{ key: 'k', eventTime: 1, values: [3] }])
      expect(await store.count('one')).toBe(1)
      await store.drop('one')
      await store.drop('never written')
      expect(await store.count('one')).toBe(0)
      expect(await read('one', ['k'])).toEqual([undefined])
      expect(await read('ONE', ['k'])).toEqual([{ eventTime: 1, values: [2] }])
      expect(await read('one2', ['k'])).toEqual([{ eventTime: 1, values: [3] }])
    })

    test('rows before a time are removed, of one table, and no others', async () => {
      const keys = ['', ...Array.from({ length: 4500 }, (_, i) => `k${i}`)]
      for (const table of ['old', 'old-other']) {
        await store.write(
          table,
          keys.map((key, i) => ({ key, eventTime: i % 3, values: [i] })),
        )
      }
      expect(await store.removeOlder('old', 1)).toBe(1501)
      expect(await store.removeOlder('old', 1)).toBe(0)
      expect(await store.removeOlder('never written', 1)).toBe(0)
      const left = await read('old', keys)
      expect(left.map((row) => row?.eventTime)).toEqual(keys.map((_, i) => (i % 3 === 0 ? undefined : i % 3)))
      expect((await read('old-other', keys)).every((row) => row !== undefined)).toBe(true)
    })

    test('what was dropped can be written again, with an older time', async () => {
      await store.write('anew', [{ key: 'k', eventTime: 9, values: ['old'] }])
      await store.drop('anew')
      await store.write('anew', [{ key: 'k', eventTime: 1, values: ['new'] }])
      expect(await read('anew', ['k'])).toEqual([{ eventTime: 1, values: ['new'] }])
    })

    test('a write is seen by another process at once', async () => {
      const other = await open(dir)
      await other.write('shared', [{ key: 'k', eventTime: 5, values: ['there'] }])
      expect(await read('shared', ['k'])).toEqual([{ eventTime: 5, values: ['there'] }])
      await other.close()
    })
  })
}

/** The order of rows as it is written down: event time, time of creation, then values, missing ones last. */
function compare(a: UnpackedRow, b: UnpackedRow): number {
  if (a.eventTime !== b.eventTime) return a.eventTime - b.eventTime
  const [made, other] = [a.created ?? -1, b.created ?? -1]
  if (made !== other) return made - other
  for (const [i, value] of a.values.entries()) {
    const against = b.values[i]
    if (value === against) continue
    if (value === null) return 1
    if (against === null) return -1
    if (typeof value === 'string') return Buffer.compare(Buffer.from(value), Buffer.from(String(against)))
    return Number(value) - Number(against)
  }
  return 0
}
