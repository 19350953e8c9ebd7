import { createHash, hash } from 'node:crypto'
import { closeSync, createReadStream, openSync, readSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import type { FileEntry } from '@millrace/client'

/** Larger files are read and sent one by one, as streams. */
const smallBytes = 1024 * 1024
const batchBytes = 16 * 1024 * 1024
const batchFiles = 8000
/** Files that are read without a look at what else there is to do, such as sending the ones before. */
const filesAtOnce = 64

/** Files that were read together, in the order of the folder. */
export interface ReadBatch {
  /** With `at`, where the bytes of small ones begin in `memory`; they lie there one after the other. */
  files: (FileEntry & { at?: number })[]
  memory: Buffer<ArrayBuffer>
  /** Gives the memory back for a later batch. */
  release: () => void
}

export interface ReadOptions {
  /** Bytes that are left free at the beginning of the memory of each batch for each of its files. */
  reserved?: number
  /** Most files of the first batch, so that the server soon has something to do; each may be twice as large as the last. */
  firstFiles?: number
}

/** Reads the files of a folder and takes their digests, some thousand small ones at a time. */
export async function* readFolder(
  folder: string,
  paths: Iterable<string>,
  { reserved = 0, firstFiles = 500 }: ReadOptions = {},
): AsyncGenerator<ReadBatch> {
  const begin = batchFiles * reserved
  const spare: Buffer<ArrayBuffer>[] = []
  const newBatch = (): ReadBatch => {
    const memory = spare.pop() ?? Buffer.allocUnsafeSlow(begin + batchBytes + smallBytes + 1)
    return { files: [], memory, release: () => spare.push(memory) }
  }
  let batch = newBatch()
  let filled = begin
  let mostFiles = firstFiles
  let read = 0
  for (const path of paths) {
    if (filled > begin + batchBytes || batch.files.length === mostFiles) {
      yield batch
      mostFiles = Math.min(mostFiles * 2, batchFiles)
      batch = newBatch()
      filled = begin
    }
    const full = `${folder}/${path}`
    const size = readSmall(full, batch.memory, filled)
    if (size > smallBytes) {
      batch.files.push({ path, ...(await digestOf(full)) })
    } else {
      const bytes = batch.memory.subarray(filled, filled + size)
      batch.files.push({ path, digest: hash('sha256', bytes), size, at: filled })
      filled += size
    }
    if (++read % filesAtOnce === 0) await setImmediate()
  }
  yield batch
}

/** @returns how many bytes the file has; of a larger one than small ones can be only more than these */
function readSmall(path: string, memory: Uint8Array, offset: number): number {
  const file = openSync(path, 'r')
  try {
    let read = 0
    while (read <= smallBytes) {
      const count = readSync(file, memory, offset + read, smallBytes + 1 - read, null)
      if (count === 0) break
      read += count
    }
    return read
  } finally {
    closeSync(file)
  }
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
