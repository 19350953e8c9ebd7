import type { FileHandle } from 'node:fs/promises'

const chunkBytes = 512 * 1024

/**
 * The bytes of a file, or the range `[start, end)` of them as far as the file goes, in chunks that are the reader's own.
 * The next chunk is read while one is used.
 */
export async function* readChunks(
  file: FileHandle,
  range?: { start: number; end: number },
): AsyncGenerator<Uint8Array> {
  const { size } = await file.stat()
  const end = Math.min(range?.end ?? size, size)
  let position = range?.start ?? 0
  const read = () => {
    const length = Math.min(chunkBytes, end - position)
    if (length <= 0) return undefined
    const reading = file.read(Buffer.allocUnsafeSlow(length), 0, length, position)
    // Failures are met where the chunk is wanted.
    reading.catch(() => {})
    position += length
    return reading
  }
  let reading = read()
  try {
    while (reading) {
      const { buffer, bytesRead } = await reading
      // Less than asked for: the file was cut meanwhile, or the call was interrupted.
      if (bytesRead === 0) return
      if (bytesRead < buffer.byteLength) position -= buffer.byteLength - bytesRead
      reading = read()
      yield bytesRead < buffer.byteLength ? buffer.subarray(0, bytesRead) : buffer
    }
  } finally {
    await reading?.catch(() => {})
  }
}
