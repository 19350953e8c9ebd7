/** Gathers single items into batches. */
export interface Batcher<Item, Result> {
  /** Rejects at once, through `overloaded`, when the queue is full. */
  add(item: Item): Promise<Result>
  /** How many items wait. */
  readonly queued: number
  /** Resolves when nothing waits or runs any more. */
  idle(): Promise<void>
}

export interface BatcherOptions<Item, Result> {
  maxRows: number
  maxQueued: number
  /** One result per item, in order: a value or the item's own error. */
  run(items: Item[]): Promise<Settled<Result>[]>
  overloaded(queued: number): Error
}

export type Settled<Result> = { ok: true; value: Result } | { ok: false; error: unknown }

interface Waiting<Item, Result> {
  item: Item
  resolve(value: Result): void
  reject(error: unknown): void
}

/**
 * Work-conserving batching without added delay: what arrives in one turn of the event loop, or while a batch runs,
 * is the next batch. One batch runs at a time.
 */
export function createBatcher<Item, Result>(options: BatcherOptions<Item, Result>): Batcher<Item, Result> {
  let queue: Waiting<Item, Result>[] = []
  let running: Promise<void> | null = null

  async function runAll(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve))
    while (queue.length > 0) {
      const batch = queue.length <= options.maxRows ? queue : queue.slice(0, options.maxRows)
      queue = queue.length <= options.maxRows ? [] : queue.slice(options.maxRows)
      await runOne(batch)
    }
    running = null
  }

  async function runOne(batch: Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await options.run(batch.map(({ item }) => item))
      for (let i = 0; i < batch.length; i++) {
        const result = results[i]
        if (result.ok) batch[i].resolve(result.value)
        else batch[i].reject(result.error)
      }
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }

  return {
    add(item) {
      if (queue.length >= options.maxQueued) return Promise.reject(options.overloaded(queue.length))
      return new Promise((resolve, reject) => {
        queue.push({ item, resolve, reject })
        running ??= runAll()
      })
    },
    get queued() {
      return queue.length
    },
    async idle() {
      while (running) await running
    },
  }
}
