import { zstdDecompressSync } from 'node:zlib'
import { CompressionType, compressionRegistry } from 'apache-arrow'
import { unpackLz4Frame } from './lz4-frame.ts'

/** Bytes of one unpacked buffer, a column of a batch: beyond it a file is likely made to fill the memory. */
const longestBuffer = 2 ** 30

/** Tells the reader of Arrow files how compressed buffers are unpacked. Calling it again changes nothing. */
export function registerCodecs(): void {
  if (compressionRegistry.get(CompressionType.ZSTD)) return
  compressionRegistry.set(CompressionType.ZSTD, {
    decode: (bytes) => zstdDecompressSync(bytes, { maxOutputLength: longestBuffer }),
  })
  compressionRegistry.set(CompressionType.LZ4_FRAME, {
    decode: (bytes) => unpackLz4Frame(bytes, longestBuffer),
  })
}
