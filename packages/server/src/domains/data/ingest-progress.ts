import type { Clock } from '../../kernel/clock.ts'
import type { IngestInput } from './ingestion.ts'

/** Between two messages of one ingestion. */
const everyMs = 500

/** Tells how many rows and bytes have come, and how fast; the share of the whole is not known before the end. */
export function createProgress(clock: Clock, onProgress: IngestInput['onProgress']) {
  if (!onProgress) return undefined
  const startedAt = clock.now()
  let toldAt = startedAt
  return (rows: number, bytes: number) => {
    const now = clock.now()
    if (now - toldAt < everyMs) return
    toldAt = now
    const rate = Math.round((1000 * rows) / (now - startedAt))
    const megabytes = (bytes / 1e6).toFixed(1)
    onProgress({ fraction: 0.05, message: `received ${rows} rows, ${megabytes} MB, ${rate} rows/s` })
  }
}
