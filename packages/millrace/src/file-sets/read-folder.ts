import { createHash, hash } from 'node:crypto'
import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import type { FileEntry } from '@millrace/client'

/** Larger files are read and sent one by one, as streams. */
const smallBytes = 1024 * 1024
const batchBytes = 8 * 1024 * 1024
const batchFiles = 4000

/** Files that were read together; `bytes` has the content of small ones. */
export interface ReadBatch {
  small: (FileEntry & { bytes: Buffer })[]
  large: FileEntry[]
}

/** Reads the files of a folder and takes their digests, some thousand small ones at a time. */
export async function* readFolder(folder: string, paths: Iterable<string>): AsyncGenerator<ReadBatch> {
  let batch: ReadBatch = { small: [], large: [] }
  let memory = Buffer.allocUnsafe(batchBytes)
  let filled = 0
  for (const path of paths) {
    const file = openSync(join(folder, path), 'r')
    try {
      const { size } = fstatSync(file)
      const memoryNeeded = size > smallBytes ? 0 : size
      if (filled + memoryNeeded > batchBytes || batch.small.length + batch.large.length >= batchFiles) {
        yield batch
        batch = { small: [], large: [] }
        memory = Buffer.allocUnsafe(batchBytes)
        filled = 0
      }
      if (size > smallBytes) {
        batch.large.push({ path, ...(await digestOf(join(folder, path))) })
        continue
      }
      const bytes = memory.subarray(filled, filled + readFully(file, memory, filled, size))
      filled += bytes.byteLength
      batch.small.push({ path, digest: hash('sha256', bytes), size: bytes.byteLength, bytes })
    } finally {
      closeSync(file)
    }
  }
  yield batch
}

/** Reads up to `length` bytes: a file that shrinks meanwhile is what it was found to be. */
function readFully(file: number, memory: Buffer, offset: number, length: number): number {
  let read = 0
  while (read < length) {
    const count = readSync(file, memory, offset + read, length - read, null)
    if (count === 0) break
    read += count
  }
  return read
}

/** SHA-256 and size of a file. */
export async function digestOf(path: string): Promise<{ digest: string; size: number }> {
  const sha256 = createHash('sha256')
  let size = 0
  for await (const chunk of createReadStream(path, { highWaterMark: smallBytes }) as AsyncIterable<Buffer>) {
    sha256.update(chunk)
    size += chunk.byteLength
  }
  return { digest: sha256.digest('hex'), size }
}
