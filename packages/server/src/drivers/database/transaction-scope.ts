import { AsyncLocalStorage } from 'node:async_hooks'

/** Knows whether the running code is inside a transaction, to refuse what could only deadlock. */
export interface TransactionScope {
  run<Result>(work: () => Promise<Result>): Promise<Result>
  /** @throws `TypeError` inside a transaction. */
  assertOutside(attempt: string): void
}

export function createTransactionScope(): TransactionScope {
  const storage = new AsyncLocalStorage<{ open: boolean }>()
  return {
    async run(work) {
      const scope = { open: true }
      try {
        return await storage.run(scope, work)
      } finally {
        // Work that was started inside but outlives the transaction is outside of it from here on.
        scope.open = false
      }
    },
    assertOutside(attempt) {
      if (storage.getStore()?.open) {
        throw new TypeError(
          `${attempt} inside a transaction would wait for itself; use the transaction's builder`,
        )
      }
    },
  }
}
