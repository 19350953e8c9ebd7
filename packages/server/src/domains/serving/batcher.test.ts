import { describe, expect, it } from 'vitest'
import { createBatcher, type Settled } from './batcher.ts'

function create(options: { maxRows?: number; maxQueued?: number; gate?: Promise<void> } = {}) {
  const batches: number[][] = []
  const batcher = createBatcher<number, number>({
    maxRows: options.maxRows ?? 100,
    maxQueued: options.maxQueued ?? 1000,
    overloaded: (queued) => new Error(`full with ${queued}`),
    async run(items) {
      batches.push(items)
      await options.gate
      if (items.includes(666)) throw new Error('all fail')
      return items.map(
        (item): Settled<number> =>
          item < 0 ? { ok: false, error: new Error('negative') } : { ok: true, value: item * 2 },
      )
    },
  })
  return { batcher, batches }
}

describe('the batcher', () => {
  it('runs what came in one turn as one batch', async () => {
    const { batcher, batches } = create()
    expect(await Promise.all([1, 2, 3].map(batcher.add))).toEqual([2, 4, 6])
    expect(batches).toEqual([[1, 2, 3]])
  })

  it('gathers what comes while a batch runs', async () => {
    let open = () => {}
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    const { batcher, batches } = create({ gate })
    const first = batcher.add(1)
    while (batches.length === 0) await new Promise((resolve) => setImmediate(resolve))
    const rest = [2, 3].map(batcher.add)
    expect(batcher.queued).toBe(2)
    open()
    expect(await Promise.all([first, ...rest])).toEqual([2, 4, 6])
    expect(batches).toEqual([[1], [2, 3]])
  })

  it('splits at the limit, in order', async () => {
    const { batcher, batches } = create({ maxRows: 2 })
    await Promise.all([1, 2, 3, 4, 5].map(batcher.add))
    expect(batches).toEqual([[1, 2], [3, 4], [5]])
  })

  it('fails an item alone, or the batch, and goes on', async () => {
    const { batcher } = create()
    const mixed = await Promise.allSettled([1, -1, 3].map(batcher.add))
    expect(mixed.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    const failed = await Promise.allSettled([1, 666].map(batcher.add))
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(await batcher.add(4)).toBe(8)
  })

  it('refuses exactly what is beyond the queue', async () => {
    const { batcher } = create({ maxQueued: 3 })
    const all = await Promise.allSettled([1, 2, 3, 4, 5].map(batcher.add))
    expect(all.filter(({ status }) => status === 'rejected')).toHaveLength(2)
    await batcher.idle()
    expect(batcher.queued).toBe(0)
  })
})
