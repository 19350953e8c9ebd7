import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { systemCode } from './file-error.ts'

/** Bytes that are written at once: large enough for the disk to be busy, and two of them are all that an upload holds. */
export const pieceBytes = 2 * 1024 * 1024
/** Kept for the next objects: those of four that arrive at once. */
const mostSpare = 8

const spare: Buffer[] = []

/** Memory for one piece, with anything in it. */
export function takePiece(): Buffer {
  // Memory that could grow is mapped in pages of its own, and direct writes need it to begin with a page.
  return spare.pop() ?? Buffer.from(new ArrayBuffer(pieceBytes, { maxByteLength: pieceBytes }))
}

/** Gives a piece back that nobody uses any more. */
export function returnPiece(piece: Buffer): void {
  if (spare.length < mostSpare) spare.push(piece)
}

/** Writes pieces to a file by their position. */
export interface PieceWriter {
  /** Whether what was written waits in the system's cache, for a sync to be taken to the disk. */
  isCached(): boolean
  write(bytes: Buffer, position: number): Promise<void>
  /** Leaves `file` open. */
  close(): Promise<void>
}

/**
 * Whole pieces go to the disk past the system's cache, where that is possible: it takes a third of the work, and a large
 * object does not drive out of the cache what is read often. The rest is written by `file` as usual.
 */
export function createPieceWriter(file: FileHandle, path: string): PieceWriter {
  let direct: Promise<FileHandle | undefined> | undefined
  let refused = false

  async function writeDirect(bytes: Buffer, position: number): Promise<number> {
    direct ??= openDirect(path)
    const handle = await direct
    if (!handle) return 0
    try {
      return (await handle.write(bytes, 0, bytes.byteLength, position)).bytesWritten
    } catch (error) {
      if (!isUnsupported(error)) throw error
      refused = true
      return 0
    }
  }

  return {
    isCached: () => refused,
    async write(bytes, position) {
      let written = 0
      if (bytes.byteLength === pieceBytes && !refused) {
        written = await writeDirect(bytes, position)
        if (written === 0) refused = true
      }
      while (written < bytes.byteLength) {
        const length = bytes.byteLength - written
        written += (await file.write(bytes, written, length, position + written)).bytesWritten
      }
    },
    async close() {
      const handle = await direct
      await handle?.close()
    },
  }
}

/** `undefined` where the platform or the file system has no direct writes. */
async function openDirect(path: string): Promise<FileHandle | undefined> {
  if (!constants.O_DIRECT) return undefined
  try {
    return await open(path, constants.O_WRONLY | constants.O_DIRECT | constants.O_NOFOLLOW)
  } catch (error) {
    if (isUnsupported(error)) return undefined
    throw error
  }
}

/** Whether this is how a platform, a file system or a disk refuses direct reads and writes. */
export function isUnsupported(error: unknown): boolean {
  const code = systemCode(error)
  return code === 'EINVAL' || code === 'EOPNOTSUPP'
}
