import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'

/** Rows as texts that lose nothing; null where there is no value. */
export interface TextBatch {
  columns: readonly string[]
  rows: readonly (readonly (string | null)[])[]
}

/** Characters that are collected before they are written. */
const chunkLength = 1 << 18

/**
 * Writes rows as one JSON object per line, every value a text: what the lake casts to the types of a schema, whatever
 * the rows came from. Memory is bounded by a batch.
 */
export async function writeTextRows(
  path: string,
  batches: AsyncIterable<TextBatch>,
  options: { onRead?(rows: number, bytes: number): void; signal?: AbortSignal } = {},
): Promise<{ rows: number; bytes: number }> {
  let [rows, bytes] = [0, 0]
  async function* lines() {
    let chunk = ''
    for await (const batch of batches) {
      const keys = batch.columns.map((name) => `${JSON.stringify(name)}:`)
      for (const row of batch.rows) {
        chunk += `{${keys.map((key, i) => key + JSON.stringify(row[i] ?? null)).join(',')}}\n`
        rows++
        if (chunk.length < chunkLength) continue
        bytes += Buffer.byteLength(chunk)
        yield chunk
        chunk = ''
      }
      options.onRead?.(rows, bytes)
    }
    bytes += Buffer.byteLength(chunk)
    yield chunk
  }
  await pipeline(lines(), createWriteStream(path, { flags: 'wx' }), { signal: options.signal })
  return { rows, bytes }
}

/** Microseconds since the epoch as ISO 8601 without a zone, in UTC. */
export function microsecondText(us: bigint): string {
  const ms = us / 1000n - (us % 1000n < 0n ? 1n : 0n)
  const rest = us - ms * 1000n
  return `${new Date(Number(ms)).toISOString().slice(0, -1)}${String(rest).padStart(3, '0')}`
}
