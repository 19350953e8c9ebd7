import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDuckDbLake } from '../../drivers/lake/duckdb.ts'
import type { Lake } from '../../ports/lake.ts'
import { joinLabelWindow } from './label-window.ts'

/** Times in microseconds. */
interface Event {
  k: string | null
  us: number | null
  v: number | null
}
const windowUs = 2_000_000

/** The rules, as slowly and plainly as possible. */
function oracle(
  events: Event[],
  row: { k: string | null; us: number },
  { take, otherwise }: { take: 'first' | 'last' | 'count'; otherwise?: number },
) {
  const times = events.flatMap(({ us }) => us ?? [])
  const isOver = times.some((us) => us > row.us + windowUs)
  const own = events
    .filter(({ k, us, v }) => k !== null && k === row.k && us !== null && v !== null)
    .map(({ us, v }) => ({ us: us as number, v: v as number }))
    .filter(({ us }) => us > row.us && us <= row.us + windowUs)
    .sort((a, b) => a.us - b.us || a.v - b.v)
  if (row.k === null) return null
  if (take === 'count') return isOver ? own.filter(({ v }) => v > 0).length : null
  if (own.length === 0) return isOver ? (otherwise ?? null) : null
  if (take === 'first') return own[0].v
  return isOver ? (own.at(-1)?.v ?? null) : null
}

let lake: Lake
let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'label-window-'))
  lake = await createDuckDbLake({ threads: 2, memoryLimitMb: 256, tempDir: join(dir, 'spill') })
})
afterAll(async () => {
  await lake.close()
  await rm(dir, { recursive: true })
})

const sqlOf = (value: number | string | null) => (value === null ? 'NULL' : `'${value}'`)
const time = fc
  .tuple(fc.integer({ min: -3, max: 4 }), fc.constantFrom(0, 0, 1, -1))
  .map(([seconds, off]) => seconds * 1_000_000 + off)
const key = fc.constantFrom('a', 'b', null)
const event = fc.record({
  k: key,
  us: fc.oneof({ weight: 9, arbitrary: time }, { weight: 1, arbitrary: fc.constant(null) }),
  v: fc.option(fc.integer({ min: 0, max: 3 })),
})

test('a label is what happened within its window, and unknown until the window is over', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(event, { minLength: 1, maxLength: 20 }),
      fc.array(fc.record({ k: fc.constantFrom('a', 'b', 'unseen', null), us: time }), {
        minLength: 1,
        maxLength: 12,
      }),
      fc.constantFrom('first' as const, 'last' as const, 'count' as const),
      fc.constantFrom(undefined, 7),
      async (events, spine, take, given) => {
        const otherwise = take === 'count' ? undefined : given
        const window = { dataset: 'events', entity: 'k', timestamp: 'at', windowMs: windowUs / 1000, take }
        const values = events.map(({ k, us, v }) => `(${sqlOf(k)}, ${sqlOf(us)}, ${sqlOf(v)})`)
        const rows = spine.map(({ k, us }, i) => `(${i}, ${sqlOf(k)}, make_timestamp(${us}))`)
        const sql = joinLabelWindow({
          label: {
            name: 'label',
            type: 'int64',
            sql: take === 'count' ? 'v > 0' : 'v',
            window: { ...window, ...(otherwise !== undefined && { otherwise }) },
          },
          keys: { k: 'string' },
          events: `(SELECT CAST(k AS VARCHAR) AS k, make_timestamp(CAST(us AS BIGINT)) AS "at", CAST(v AS BIGINT) AS v
            FROM (VALUES ${values.join(', ')}) AS t(k, us, v))`,
          spine: `(SELECT id, CAST(k AS VARCHAR) AS k, moment FROM (VALUES ${rows.join(', ')}) AS t(id, k, moment))`,
          timestamp: 'moment',
        })
        const found = await lake.rows(`SELECT id, label FROM (${sql}) ORDER BY id`)
        expect(found).toEqual(
          spine.map((row, id) => ({
            id,
            label: oracle(events, row, { take, ...(otherwise !== undefined && { otherwise }) }),
          })),
        )
      },
    ),
    { numRuns: 60 },
  )
})
