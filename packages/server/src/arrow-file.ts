import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { writeArrow } from './domains/features/training-set-arrow.ts'

/** Writes the rows of a Parquet file as a file of Arrow IPC (Feather version 2). */
export async function writeArrowFile(
  lake: Parameters<typeof writeArrow>[0],
  table: Parameters<typeof writeArrow>[1],
  path: string,
): Promise<void> {
  // Loaded when it is asked for: few do.
  const arrow = await import('./domains/features/training-set-arrow.ts')
  await pipeline(Readable.from(arrow.writeArrow(lake, table)), createWriteStream(path, { flags: 'wx' }))
}
