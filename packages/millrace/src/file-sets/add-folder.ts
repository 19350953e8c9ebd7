import { openAsBlob } from 'node:fs'
import { join } from 'node:path'
import type { Client, FileEntry, FileSetVersion } from '@millrace/client'
import { compareFilePaths } from '@millrace/protocol'
import { type ReadBatch, readFolder } from './read-folder.ts'
import { scanFolder } from './scan-folder.ts'

export interface AddProgress {
  /** Files read so far, and their bytes. */
  files: number
  bytes: number
  /** Bytes that were new to the server. */
  sent: number
}

/**
 * Sends what the server does not have of a folder, and makes the folder a version of the file set. It may be killed at
 * any time and begun again: what was sent is not sent twice.
 * @throws `file_set.source_invalid`, `file_set.path_invalid`
 */
export async function addFolder(
  client: Pick<Client, 'blobs' | 'fileSets'>,
  { folder, fileSet, message }: { folder: string; fileSet: string; message?: string },
  onProgress?: (progress: AddProgress) => void,
): Promise<{ version: FileSetVersion; sent: number }> {
  const entries: FileEntry[] = []
  const progress: AddProgress = { files: 0, bytes: 0, sent: 0 }
  let sending: Promise<number> = Promise.resolve(0)
  for await (const batch of readFolder(folder, scanFolder(folder))) {
    // The next files are read while these are sent.
    progress.sent += await sending
    sending = sendBatch(client, folder, batch)
    sending.catch(() => {})
    for (const { path, digest, size } of [...batch.small, ...batch.large]) {
      entries.push({ path, digest, size })
      progress.files++
      progress.bytes += size
    }
    onProgress?.(progress)
  }
  progress.sent += await sending
  onProgress?.(progress)
  entries.sort((a, b) => compareFilePaths(a.path, b.path))
  const lines = new Blob([...linesOf(entries)])
  return { version: await client.fileSets.add(fileSet, lines, { message }), sent: progress.sent }
}

/** @returns bytes that were sent */
async function sendBatch(
  { blobs }: Pick<Client, 'blobs'>,
  folder: string,
  { small, large }: ReadBatch,
): Promise<number> {
  const digests = [...new Set([...small, ...large].map(({ digest }) => digest))]
  if (digests.length === 0) return 0
  const missing = new Set(await blobs.missing(digests))
  const sent = small.filter(({ digest }) => missing.delete(digest))
  if (sent.length > 0) {
    const header = `${JSON.stringify(sent.map(({ digest, size }) => [digest, size]))}\n`
    await blobs.putBatch(Buffer.concat([Buffer.from(header), ...sent.map(({ bytes }) => bytes)]))
  }
  let total = sent.reduce((sum, { size }) => sum + size, 0)
  for (const { path, digest, size } of large) {
    if (!missing.delete(digest)) continue
    await blobs.put(digest, await openAsBlob(join(folder, path)))
    total += size
  }
  return total
}

function* linesOf(entries: readonly FileEntry[]): Generator<string> {
  const atOnce = 10_000
  for (let at = 0; at < entries.length; at += atOnce) {
    yield entries
      .slice(at, at + atOnce)
      .map((entry) => `${JSON.stringify(entry)}\n`)
      .join('')
  }
}
