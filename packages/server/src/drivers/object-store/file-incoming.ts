import { randomUUID } from 'node:crypto'
import { type FileHandle, mkdir, open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createPieceWriter, pieceBytes, returnPiece, takePiece } from './file-pieces.ts'

/** `~` is in no key, so what arrives is never listed and never addressed. */
const folderName = '~incoming'
const abandonedAfterMs = 24 * 60 * 60 * 1000

/** Of so many in the system's cache the disk begins to take them, so that little is left to wait for at the end. */
const syncBytes = 16 * pieceBytes

/**
 * Writes the body into a new file of the store's file system and makes it durable; gives its path, size and version.
 * Nothing is left when the body or the disk fails.
 */
export async function receive(root: string, body: AsyncIterable<Uint8Array>) {
  const folder = join(root, folderName)
  await mkdir(folder, { recursive: true })
  const path = join(folder, randomUUID())
  const file = await open(path, 'wx')
  try {
    await writePieces(file, path, body)
    const stats = await file.stat({ bigint: true })
    await file.close()
    return { path, size: Number(stats.size), version: versionOf(stats) }
  } catch (error) {
    await file.close()
    await rm(path, { force: true })
    throw error
  }
}

/** A put always makes a new file, so its number with the time of its last byte are never met again. */
export function versionOf({ ino, mtimeNs, size }: { ino: bigint; mtimeNs: bigint; size: bigint }): string {
  return [ino, mtimeNs, size].map((part) => part.toString(36)).join('-')
}

/** Writes and makes durable; both go on while the next bytes arrive. */
async function writePieces(file: FileHandle, path: string, body: AsyncIterable<Uint8Array>): Promise<void> {
  const writer = createPieceWriter(file, path)
  const [writing, syncing] = [createErrand(), createErrand()]
  let free: Buffer | undefined
  let filling: Buffer | undefined
  let filled = 0
  let position = 0
  let unsynced = 0
  /** Hands the piece over to be written as soon as the one before is. */
  async function write() {
    await writing.done()
    const [piece, length, at] = [filling, filled, position]
    if (piece === undefined) return
    ;[filling, free, filled] = [free, piece, 0]
    position += length
    writing.begin(() => writer.write(piece.subarray(0, length), at))
    if (!writer.isCached()) return
    unsynced += length
    if (unsynced > syncBytes && !syncing.isGoing()) {
      await syncing.done()
      unsynced = 0
      syncing.begin(() => file.datasync())
    }
  }
  try {
    for await (const chunk of body) {
      for (let taken = 0; taken < chunk.byteLength; ) {
        filling ??= takePiece()
        const part = chunk.subarray(taken, taken + pieceBytes - filled)
        filling.set(part, filled)
        taken += part.byteLength
        filled += part.byteLength
        if (filled === pieceBytes) await write()
      }
    }
    if (filled > 0) await write()
    await writing.done()
    await syncing.done()
    // Without it a power failure right after the rename could leave an empty object.
    await file.datasync()
  } finally {
    // Nothing uses the file and the memory any more when they are given back.
    await Promise.allSettled([writing.done(), syncing.done()])
    for (const piece of [filling, free]) if (piece) returnPiece(piece)
    await writer.close()
  }
}

/** One piece of work at a time beside the main one. A failure waits for `done`, which every start must be before. */
function createErrand() {
  let going = false
  let end: Promise<void> = Promise.resolve()
  return {
    isGoing: () => going,
    begin(work: () => Promise<void>) {
      going = true
      end = work().finally(() => {
        going = false
      })
      end.catch(() => {})
    },
    done: () => end,
  }
}

/** Removes what killed processes left unfinished long ago. */
export async function removeAbandoned(root: string): Promise<void> {
  const folder = join(root, folderName)
  await mkdir(folder, { recursive: true })
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const found = await stat(path).catch(() => undefined)
    if (found && Date.now() - found.mtimeMs > abandonedAfterMs) await rm(path, { force: true })
  }
}
