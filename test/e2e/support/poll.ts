import { setTimeout as delay } from 'node:timers/promises'

const pollMs = 25

/**
 * Asks until the answer is not undefined or false, and gives it.
 * @throws Error naming `what` when the deadline (30 s unless told) has passed.
 */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  deadlineMs = 30_000,
): Promise<T> {
  const deadline = performance.now() + deadlineMs
  for (;;) {
    const found = await probe()
    if (found !== undefined && found !== false) return found
    if (performance.now() > deadline) throw new Error(`waited ${deadlineMs} ms for ${what}`)
    await delay(pollMs)
  }
}
