import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { isUnsupported, pieceBytes, returnPiece, takePiece } from './file-pieces.ts'

const chunkBytes = 512 * 1024
/** Where direct reads have to begin; no disk has larger blocks. */
const blockBytes = 4096
/**
 * Objects of this size are read past the system's cache: to fill it with them costs more than to send them, and drives
 * out what is read often. Smaller ones are the models that are loaded again and again.
 */
const largeBytes = 64 * 1024 * 1024
const plain = constants.O_RDONLY | constants.O_NOFOLLOW

interface OpenedFile {
  file: FileHandle
  /** Reads go past the system's cache and need aligned memory. */
  direct: boolean
}

export interface Range {
  start: number
  end: number
}

/** Opens a file of which so many bytes are to be read. */
export async function openForReading(path: string, bytes: number): Promise<OpenedFile> {
  const direct = bytes < largeBytes ? undefined : await openDirect(path)
  return direct ? { file: direct, direct: true } : { file: await open(path, plain), direct: false }
}

/** `undefined` where the platform, the file system or the disk has no direct reads. */
async function openDirect(path: string): Promise<FileHandle | undefined> {
  if (!constants.O_DIRECT) return undefined
  let file: FileHandle | undefined
  const probe = takePiece()
  try {
    file = await open(path, plain | constants.O_DIRECT)
    await file.read(probe, 0, blockBytes, 0)
    return file
  } catch (error) {
    await file?.close()
    if (isUnsupported(error)) return undefined
    throw error
  } finally {
    returnPiece(probe)
  }
}

/**
 * The range `[start, end)` of a file, as far as the file goes, in chunks that are the reader's own.
 * The next ones are read while a chunk is used.
 */
export async function* readChunks({ file, direct }: OpenedFile, range: Range): AsyncGenerator<Uint8Array> {
  const { size } = await file.stat()
  const end = Math.min(range.end, size)
  if (range.start < end) yield* (direct ? readPieces : readBuffers)(file, { start: range.start, end })
}

async function* readBuffers(file: FileHandle, { start, end }: Range): AsyncGenerator<Uint8Array> {
  let position = start
  const read = () => {
    const length = Math.min(chunkBytes, end - position)
    if (length <= 0) return undefined
    return started(file.read(Buffer.allocUnsafeSlow(length), 0, length, position))
  }
  let reading = read()
  try {
    while (reading) {
      const { buffer, bytesRead } = await reading
      if (bytesRead === 0) return
      position += bytesRead
      reading = read()
      yield bytesRead < buffer.byteLength ? buffer.subarray(0, bytesRead) : buffer
    }
  } finally {
    await reading?.catch(() => {})
  }
}

/** Reads aligned pieces, whose memory is used again, and gives copies of what is wanted of them. */
async function* readPieces(file: FileHandle, { start, end }: Range): AsyncGenerator<Uint8Array> {
  const pieces = [takePiece(), takePiece()]
  let position = start - (start % blockBytes)
  let next = 0
  const read = () => {
    if (position >= end) return undefined
    next = 1 - next
    return started(file.read(pieces[next], 0, pieceBytes, position))
  }
  let reading = read()
  try {
    while (reading) {
      const { buffer, bytesRead } = await reading
      const at = position
      // Only the end of a file lies within a block.
      const whole = at + bytesRead < end ? bytesRead - (bytesRead % blockBytes) : bytesRead
      if (whole === 0) return
      position += whole
      reading = read()
      const last = Math.min(whole, end - at)
      for (let from = Math.max(0, start - at); from < last; from += chunkBytes) {
        const part = buffer.subarray(from, Math.min(from + chunkBytes, last))
        const chunk = Buffer.allocUnsafeSlow(part.byteLength)
        chunk.set(part)
        yield chunk
      }
    }
  } finally {
    // The memory is given back when nobody writes into it any more.
    await reading?.catch(() => {})
    for (const piece of pieces) returnPiece(piece)
  }
}

/** Failures are met where the result is wanted. */
function started<Result>(reading: Promise<Result>): Promise<Result> {
  reading.catch(() => {})
  return reading
}
