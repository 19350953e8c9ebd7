import { zstdDecompressSync } from 'node:zlib'
import { CompressionType, compressionRegistry } from 'apache-arrow'
import { unpackLz4Frame } from './lz4-frame.ts'

/** Bytes of one batch, unpacked: beyond it a file is likely made to fill the memory. */
const longestBatch = 2 ** 28

/** Tells the reader of Arrow files how compressed buffers are unpacked. Calling it again changes nothing. */
export function registerCodecs(): void {
  if (compressionRegistry.get(CompressionType.ZSTD)) return
  const { zstd, lz4 } = createCodecs(longestBatch)
  compressionRegistry.set(CompressionType.ZSTD, zstd)
  compressionRegistry.set(CompressionType.LZ4_FRAME, lz4)
}

/** Codecs that throw a RangeError where a batch gets larger than so many bytes. */
export function createCodecs(batchBytes: number) {
  const unpack = createUnpacker(batchBytes)
  const zstd = (bytes: Uint8Array) =>
    // Zlib takes no limit of 0.
    unpack((limit) => zstdDecompressSync(bytes, { maxOutputLength: Math.max(limit, 1) }))
  const lz4 = (bytes: Uint8Array) => unpack((limit) => unpackLz4Frame(bytes, limit))
  return { zstd: { decode: zstd }, lz4: { decode: lz4 } }
}

/** Gives each buffer of a batch what the ones before have left of it. */
function createUnpacker(batchBytes: number) {
  let left = batchBytes
  return (decode: (limit: number) => Uint8Array): Uint8Array => {
    // A codec is not told of batches, but the reader unpacks each in one go, and awaits something between two.
    if (left === batchBytes) {
      queueMicrotask(() => {
        left = batchBytes
      })
    }
    const bytes = decodeWithin(left, decode)
    left -= bytes.length
    if (left < 0) throw tooLarge(batchBytes)
    return bytes
  }

  function decodeWithin(limit: number, decode: (limit: number) => Uint8Array): Uint8Array {
    try {
      return decode(limit)
    } catch (error) {
      throw isTooLong(error) ? tooLarge(batchBytes) : error
    }
  }
}

const isTooLong = (error: unknown): boolean =>
  error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'

const tooLarge = (batchBytes: number) =>
  new RangeError(
    `one of its batches has more than ${batchBytes} bytes unpacked: write it in batches of fewer rows`,
  )
