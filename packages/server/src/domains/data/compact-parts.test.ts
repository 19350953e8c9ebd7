import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DatasetDefinition } from '@millrace/protocol'
import { expect, test } from 'vitest'
import { createTemporaryData } from '../../testing/temporary-data.ts'
import { findAlike } from './compact-parts.ts'

test('parts of about one size are found when there are too many of them, the smallest first', () => {
  const places = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i)
  expect(findAlike([])).toEqual([])
  expect(findAlike(Array(32).fill(5))).toEqual([])
  expect(findAlike([500_000, ...Array(33).fill(31), 40])).toEqual(places(1, 33))
  expect(findAlike([...Array(40).fill(2000), ...Array(33).fill(1)])).toEqual(places(40, 33))
  expect(findAlike([...Array(40).fill(2000), ...Array(32).fill(1)])).toEqual(places(0, 40))
  expect(findAlike(Array(100).fill(122_880))).toEqual([])
  // However long one goes on, there are few parts, and a row is written a few times.
  const parts: number[] = []
  let [written, most] = [0, 0]
  for (let i = 0; i < 5000; i++) {
    const alike = findAlike(parts)
    if (alike.length > 0) {
      const sum = alike.reduce((rows, place) => rows + parts[place], 0)
      written += sum
      for (const place of alike.toReversed()) parts.splice(place, 1)
      parts.splice(alike[0], 0, sum)
    }
    parts.push(1)
    most = Math.max(most, parts.length)
  }
  expect(most).toBeLessThan(100)
  expect(written).toBeLessThan(3 * 5000)
})

test('many small parts become one with the same rows, and what was read stays read', async () => {
  const embedded = await createTemporaryData()
  try {
    const { data, apply, clock, dir, lake } = embedded
    const source = { format: 'csv', path: 'drops' } as const
    const schema = { at: 'timestamp', n: 'int64' } as const
    const definition: DatasetDefinition = {
      kind: 'dataset',
      name: 'drops',
      source,
      schema,
      derived: {},
      timestamp: 'at',
      mode: 'append',
      expectations: [
        {
          type: 'expect_column_values_to_be_between',
          kwargs: { column: 'n', max_value: 3 },
          severity: 'warn',
        },
      ],
    }
    await apply([definition])
    await mkdir(join(dir, 'drops'))
    const drop = async (n: number, name = `${n}.csv`) => {
      clock.advance(1)
      // Later numbers are earlier.
      const at = new Date(Date.UTC(2001, 0, 1, 0, 0, 59 - n)).toISOString()
      await writeFile(join(dir, 'drops', name), `at,n\n${at},${n}\n`)
      return data.ingest({ dataset: 'drops' })
    }
    for (let n = 0; n < 33; n++) await drop(n)
    const before = await data.latestVersion('drops')
    expect(before.partCount).toBe(33)
    const after = await drop(33)
    expect(after).toMatchObject({
      base: before.version,
      rows: 34,
      partCount: 2,
      statistics: { n: { max: 33 } },
    })
    const [first, last] = (await data.listParts(after)).items
    expect([first.rows, last.rows]).toEqual([33, 1])
    const read = async (version: typeof after) =>
      (await lake.rows<{ n: number }>(`SELECT n FROM ${await data.relation(version)}`)).map(({ n }) => n)
    const numbers = Array.from({ length: 33 }, (_, i) => i)
    expect(await read(after)).toEqual([...numbers.toReversed(), 33])
    expect(await read(before)).toEqual(numbers)
    const [{ result }] = (await data.listValidations('drops')).items
    expect(result.results[1].result).toMatchObject({
      unexpected_count: 30,
      partial_unexpected_index_list: Array.from({ length: 20 }, (_, i) => i),
    })
    // The same file under another name, and the same rows in another file.
    expect(await drop(7, 'again.csv')).toEqual(after)
    await writeFile(join(dir, 'drops', 'other.csv'), 'at,n\n2001-01-01 00:00:54,5\n')
    expect(await data.ingest({ dataset: 'drops' })).toEqual(after)
    expect(await drop(40)).toMatchObject({ rows: 35, partCount: 3 })
  } finally {
    await embedded.close()
  }
})
