import { createSegmentWriter, dayMs, dayOf } from '../../../kernel/segments.ts'
import { logFolders, predictionPartition } from './paths.ts'
import { type PredictionRow, predictionLine } from './prediction-line.ts'

export interface PredictionLog {
  /** Writes rows, all of one turn at once, and returns their bytes. @throws `storage.full`, `storage.unavailable` */
  append(rows: readonly PredictionRow[], featureNames: readonly string[]): number
  close(): void
}

/** Finds partitions; remembers the last one, because most rows are of the same day and revision as the one before. */
function createPartitioner(): (row: PredictionRow) => string {
  let last = { day: Number.NaN, revision: 0, partition: '' }
  return ({ eventTime, revision }) => {
    const day = Math.floor(eventTime / dayMs)
    if (day !== last.day || revision !== last.revision) {
      last = { day, revision, partition: predictionPartition(dayOf(eventTime), revision) }
    }
    return last.partition
  }
}

/** The log of one endpoint's predictions by this process: one write per event day and revision. */
export function createPredictionLog(options: {
  logDir: string
  endpoint: string
  now(): number
  maxBytes?: number
}): PredictionLog {
  const { logDir, endpoint, now, maxBytes } = options
  const partitionOf = createPartitioner()
  const writer = createSegmentWriter({ dir: logFolders(logDir, endpoint).predictions, now, maxBytes })

  return {
    append(rows, featureNames) {
      const parts = new Map<string, string>()
      for (const row of rows) {
        const partition = partitionOf(row)
        const before = parts.get(partition)
        const line = predictionLine(row, featureNames)
        parts.set(partition, before === undefined ? line : before + line)
      }
      let written = 0
      for (const [partition, lines] of parts) written += writer.append(partition, lines)
      return written
    },
    close: writer.close,
  }
}
