import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Lake } from '../lake.ts'

/** What every lake must do. `open` makes one that may spill into the folder. */
export function lakeContract(open: (dir: string) => Promise<Lake>): void {
  describe('lake', () => {
    let dir: string
    let lake: Lake
    beforeAll(async () => {
      dir = await mkdtemp(join(tmpdir(), 'lake-'))
      lake = await open(dir)
    })
    afterAll(() => lake.close())

    test('rows are plain values: times in milliseconds, 64-bit integers as numbers', async () => {
      const [row] = await lake.rows(
        `SELECT TIMESTAMP '2001-01-01 00:00:00.001' AS t, 7::BIGINT AS i, 1.5::DECIMAL(4,1) AS d, NULL AS n,
         [1::BIGINT, 2] AS l, {'a': TIMESTAMP '1970-01-01 00:00:01'} AS s, true AS b, 'x' AS v`,
      )
      expect(row).toEqual({
        t: 978307200001,
        i: 7,
        d: 1.5,
        n: null,
        l: [1, 2],
        s: { a: 1000 },
        b: true,
        v: 'x',
      })
    })

    test('columns keep order, nulls and text over many chunks', async () => {
      const { rows, columns } = await lake.columns(
        `SELECT i, CASE WHEN i % 3 = 0 THEN NULL ELSE 'k' || (i % 5) END AS k, i % 2 = 0 AS even,
         CASE WHEN i = 1 THEN NULL ELSE make_timestamp(i * 1500) END AS t
         FROM range(10000) r(i) ORDER BY i`,
      )
      expect(rows).toBe(10000)
      const [i, k, even, t] = columns
      expect([i.kind, k.kind, even.kind, t.kind]).toEqual(['number', 'string', 'boolean', 'timestamp'])
      if (k.kind !== 'string' || i.kind === 'string' || even.kind === 'string' || t.kind === 'string') return
      expect(i.values.length).toBe(10000)
      for (const row of [0, 1, 2, 2047, 2048, 9999]) {
        expect(i.values[row]).toBe(row)
        expect(even.values[row]).toBe(row % 2 === 0 ? 1 : 0)
        expect(t.values[row]).toBe(row === 1 ? Number.NaN : row * 1.5)
        expect(k.codes[row] < 0 ? null : k.dictionary[k.codes[row]]).toBe(
          row % 3 === 0 ? null : `k${row % 5}`,
        )
      }
    })

    test('columns of an empty result have their names and kinds', async () => {
      const { rows, columns } = await lake.columns(`SELECT 1 AS a, 'x' AS b WHERE false`)
      expect(rows).toBe(0)
      expect(columns.map(({ name, kind }) => [name, kind])).toEqual([
        ['a', 'number'],
        ['b', 'string'],
      ])
    })

    test('batches are the columns in parts, in order, and an abort or an error in between ends them', async () => {
      const sql = `SELECT i, 'k' || (i % 5) AS k FROM range(10000) r(i) ORDER BY i`
      const read: number[] = []
      const texts: string[] = []
      const parts: number[] = []
      await lake.batches(
        sql,
        async ({ rows, columns: [i, k] }) => {
          parts.push(rows)
          if (i.kind !== 'string') read.push(...i.values)
          if (k.kind === 'string') texts.push(...Array.from(k.codes, (code) => k.dictionary[code]))
        },
        { rows: 3000 },
      )
      expect(read).toEqual(Array.from({ length: 10_000 }, (_, i) => i))
      expect(texts).toEqual(read.map((i) => `k${i % 5}`))
      expect(parts.length).toBeGreaterThan(1)
      const empty: number[] = []
      await lake.batches('SELECT 1 AS a WHERE false', async ({ rows }) => void empty.push(rows))
      expect(empty).toEqual([])
      const controller = new AbortController()
      const aborted = lake.batches(sql, async () => controller.abort(), {
        rows: 10,
        signal: controller.signal,
      })
      await expect(aborted).rejects.toMatchObject({ name: 'AbortError' })
      const refused = new TypeError('not taken')
      await expect(lake.batches(sql, () => Promise.reject(refused))).rejects.toBe(refused)
    })

    test('loaded columns come back as they were and replace an older table', async () => {
      const many = Float64Array.from({ length: 5000 }, (_, i) => (i % 7 === 0 ? Number.NaN : i / 3))
      const columns = [
        { name: 'n', kind: 'number' as const, values: many },
        { name: 't', kind: 'timestamp' as const, values: many.map((_, i) => 978307200000 + i) },
        { name: 'b', kind: 'boolean' as const, values: many.map((_, i) => (i === 3 ? Number.NaN : i % 2)) },
        {
          name: 'a "quoted" name',
          kind: 'string' as const,
          codes: Int32Array.from(many, (_, i) => (i % 3) - 1),
          dictionary: ['it’s', ''],
        },
      ]
      await lake.load('loaded', {
        rows: 1,
        columns: [{ name: 'x', kind: 'number', values: new Float64Array(1) }],
      })
      await lake.load('loaded', { rows: 5000, columns })
      const back = await lake.columns('SELECT * FROM loaded ORDER BY t')
      expect(back.rows).toBe(5000)
      expect(back.columns.slice(0, 3)).toEqual(columns.slice(0, 3))
      const [, , , text] = back.columns
      if (text.kind !== 'string') throw new Error('text expected')
      expect([0, 1, 2].map((i) => text.dictionary[text.codes[i]])).toEqual([undefined, 'it’s', ''])
    })

    test('equal rows give a byte-identical file and its number of rows', async () => {
      const sql = 'SELECT i, i % 10 AS k FROM range(300000) r(i) ORDER BY k, i'
      const [a, b] = [join(dir, 'a.parquet'), join(dir, "b's.parquet")]
      expect(await lake.writeParquet(sql, a)).toBe(300000)
      expect(await lake.writeParquet(sql, b)).toBe(300000)
      expect((await readFile(a)).equals(await readFile(b))).toBe(true)
      expect(await lake.rows(`SELECT count(*) AS n FROM read_parquet('${a}')`)).toEqual([{ n: 300000 }])
    })

    test('a failed write leaves no file', async () => {
      const path = join(dir, 'failed.parquet')
      const sql = `SELECT CASE WHEN i = 200000 THEN error('no') ELSE i::VARCHAR END FROM range(300000) r(i)`
      await expect(lake.writeParquet(sql, path)).rejects.toMatchObject({ code: 'lake.query_failed' })
      expect((await readdir(dir)).filter((name) => name.startsWith('failed'))).toEqual([])
    })

    test('a missing, a broken and a remote file are refused by name', async () => {
      const broken = join(dir, 'broken.parquet')
      await writeFile(broken, 'this is not Parquet')
      for (const path of [join(dir, 'missing.parquet'), broken, 'https://example.invalid/x.parquet']) {
        await expect(lake.rows(`SELECT * FROM read_parquet('${path}')`)).rejects.toMatchObject({
          code: 'lake.query_failed',
          message: expect.stringContaining(path),
        })
      }
    })

    test('an aborted signal interrupts the statement and the lake stays usable', async () => {
      const controller = new AbortController()
      const endless = 'SELECT count(*) FROM range(10000000) a(i), range(10000000) b(j) WHERE (i + j) % 7 = 3'
      const running = lake.rows(endless, { signal: controller.signal })
      const other = lake.rows('SELECT 1 AS one')
      setImmediate(() => controller.abort())
      await expect(running).rejects.toMatchObject({ name: 'AbortError' })
      expect(await other).toEqual([{ one: 1 }])
      await expect(lake.run('SELECT 1', { signal: controller.signal })).rejects.toMatchObject({
        name: 'AbortError',
      })
      expect(await lake.rows('SELECT 2 AS two')).toEqual([{ two: 2 }])
    })

    test('a table made by one call is seen by calls that run at the same time', async () => {
      await lake.run('CREATE OR REPLACE TABLE shared AS SELECT i FROM range(10) r(i)')
      const counts = await Promise.all([0, 1, 2, 3].map(() => lake.rows('SELECT count(*) AS n FROM shared')))
      expect(counts.flat()).toEqual([{ n: 10 }, { n: 10 }, { n: 10 }, { n: 10 }])
    })
  })
}
