import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { startWriter } from './drivers/testing/crash.ts'
import { openPushBed, rowOf, tills } from './testing/push-bed.ts'

/** Goes on with pushes, then pushes rows to both stores, three at a time; tells the number of each that was done. */
const pusher = `
import { openPushBed, rowOf } from './testing/push-bed.ts'
const [dir, first] = process.argv.slice(1)
const { features } = await openPushBed(dir)
await features.resumePushes()
let next = Number(first)
async function push() {
  for (;;) {
    const number = next++
    await features.push({ view: 'newest', rows: [rowOf(number)], to: 'both' })
    console.log(number)
  }
}
await Promise.all([push(), push(), push()])
`

const folder = await mkdtemp(join(tmpdir(), 'push-crash-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

test('after kills in the middle of pushes both stores have every pushed row, and the same newest ones', async () => {
  const dir = join(folder, '.millrace')
  const done: number[] = []
  for (const [round, first] of [1, 1001].entries()) {
    const child = startWriter(pusher, import.meta.url, [dir, String(first)])
    await child.written(6 + round)
    done.push(...(await child.kill()).map(Number))
  }
  const bed = await openPushBed(dir)
  try {
    expect(await bed.features.resumePushes()).toEqual([])
    expect(await bed.countPending()).toBe(0)
    const offline = await bed.readOffline()
    const numbers = offline.map(({ number }) => number)
    expect(offline.map(({ till }) => till)).toEqual(numbers.map((number) => rowOf(number).till))
    expect(new Set(numbers).size).toBe(numbers.length)
    expect(done.filter((number) => !numbers.includes(number))).toEqual([])
    const selected = await bed.features.openSelection({ features: ['newest:number'] })
    const online = await selected.read(tills.map((till) => ({ till })))
    // Rows are in the order of time.
    const newest = tills.map((till) => offline.findLast((row) => row.till === till)?.number ?? null)
    expect(online.values).toEqual([newest])
  } finally {
    await bed.close()
  }
})
