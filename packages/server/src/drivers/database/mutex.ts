/** One holder at a time, served in the order of asking. */
export interface Mutex {
  /** Resolves with the function that gives the mutex back; calling it twice has no further effect. */
  acquire(): Promise<() => void>
}

export function createMutex(): Mutex {
  let tail: Promise<void> = Promise.resolve()
  return {
    async acquire() {
      const { promise, resolve } = Promise.withResolvers<void>()
      const before = tail
      tail = promise
      await before
      return resolve
    },
  }
}
