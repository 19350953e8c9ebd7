import type { Client, FileSetVersion } from '@millrace/client'
import { type ReadBatch, readFolder } from './read-folder.ts'
import { scanFolder } from './scan-folder.ts'
import { createSender, headerBytes } from './send-batch.ts'

export interface AddProgress {
  /** Files read so far, and their bytes. */
  files: number
  bytes: number
  /** Bytes that were new to the server. */
  sent: number
}

/** Batches on their way: while the server keeps one, the next one arrives. */
const mostSending = 2

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
  const lines: Buffer<ArrayBuffer>[] = []
  const progress: AddProgress = { files: 0, bytes: 0, sent: 0 }
  const send = createSender(client, folder)
  const sending: Promise<number>[] = []
  for await (const batch of readFolder(folder, scanFolder(folder), { reserved: headerBytes })) {
    if (sending.length === mostSending) progress.sent += await (sending.shift() ?? 0)
    const sent = send(batch)
    // Its failure is thrown where it is waited for.
    sent.catch(() => {})
    sending.push(sent)
    lines.push(Buffer.from(linesOf(batch)))
    progress.files += batch.files.length
    for (const { size } of batch.files) progress.bytes += size
    onProgress?.(progress)
  }
  for (const sent of sending) progress.sent += await sent
  onProgress?.(progress)
  const version = await client.fileSets.add(fileSet, Buffer.concat(lines), { message })
  return { version, sent: progress.sent }
}

/** As the server wants to be told of the files of a version. */
function linesOf({ files }: ReadBatch): string {
  return files
    .map(({ path, digest, size }) => `{"path":${JSON.stringify(path)},"digest":"${digest}","size":${size}}\n`)
    .join('')
}
