/** https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md and lz4_Block_format.md; checksums are passed over. */

const magic = 0x184d2204
const isStored = 0x8000_0000
/** Bits of the frame's first byte after the magic number. */
const flags = { dictionary: 1, contentChecksum: 4, contentSize: 8, blockChecksum: 16 }
const firstLength = 1 << 16
/** A byte of a match stands for 255 at most. */
const greatestRatio = 255

/** What has been unpacked so far: a match may go back to any of it. */
interface Output {
  bytes: Uint8Array
  length: number
  readonly limit: number
}

/**
 * Unpacks one LZ4 frame.
 * @throws RangeError if it is none, is cut off, or gives more than `limit` bytes (`ERR_BUFFER_TOO_LARGE`, as zlib has it)
 */
export function unpackLz4Frame(frame: Uint8Array, limit: number): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
  if (view.getUint32(0, true) !== magic) throw new RangeError('it is no LZ4 frame')
  const set = view.getUint8(4)
  if (set & flags.dictionary) throw new RangeError('an LZ4 frame with a dictionary cannot be read')
  const hasSize = (set & flags.contentSize) !== 0
  const size = hasSize ? Number(view.getBigUint64(6, true)) : firstLength
  // What a frame says of its size is believed as far as its own can be true.
  const most = Math.min(size, limit, frame.length * greatestRatio)
  const output: Output = { bytes: new Uint8Array(most), length: 0, limit }
  // Magic number, flags, size of blocks, size of the content, checksum of these.
  let at = 4 + 1 + 1 + (hasSize ? 8 : 0) + 1
  for (;;) {
    const header = view.getUint32(at, true)
    at += 4
    if (header === 0) return output.bytes.subarray(0, output.length)
    const isPlain = header >= isStored
    const end = at + (isPlain ? header - isStored : header)
    if (end > frame.length) throw new RangeError('the LZ4 frame is cut off')
    if (isPlain) append(output, frame.subarray(at, end))
    else unpackBlock(frame.subarray(at, end), output)
    at = end + (set & flags.blockChecksum ? 4 : 0)
  }
}

function unpackBlock(block: Uint8Array, output: Output): void {
  let at = 0
  /** Fifteen means that bytes follow, the last of them less than 255. */
  const extended = (length: number): number => {
    if (length < 15) return length
    for (;;) {
      const more = block[at++]
      if (more === undefined) throw new RangeError('the LZ4 block is cut off')
      length += more
      if (more < 255) return length
    }
  }
  while (at < block.length) {
    const token = block[at++]
    const literals = extended(token >> 4)
    if (at + literals > block.length) throw new RangeError('the LZ4 block is cut off')
    append(output, block.subarray(at, at + literals))
    at += literals
    // The last sequence has literals alone.
    if (at >= block.length) return
    const offset = block[at] | (block[at + 1] << 8)
    at += 2
    repeat(output, offset, extended(token & 15) + 4)
  }
}

function append(output: Output, bytes: Uint8Array): void {
  reserve(output, bytes.length)
  output.bytes.set(bytes, output.length)
  output.length += bytes.length
}

/** Copies from `offset` bytes back; what is copied may reach into what is being written. */
function repeat(output: Output, offset: number, length: number): void {
  const from = output.length - offset
  if (offset === 0 || from < 0) throw new RangeError('the LZ4 block refers to bytes before its beginning')
  reserve(output, length)
  const { bytes } = output
  if (offset >= length) bytes.copyWithin(output.length, from, from + length)
  else for (let i = 0; i < length; i++) bytes[output.length + i] = bytes[from + i]
  output.length += length
}

function reserve(output: Output, more: number): void {
  const needed = output.length + more
  if (needed <= output.bytes.length) return
  if (needed > output.limit) {
    const error = new RangeError(`the LZ4 frame has more than ${output.limit} bytes`)
    throw Object.assign(error, { code: 'ERR_BUFFER_TOO_LARGE' })
  }
  const grown = new Uint8Array(Math.min(output.limit, Math.max(needed, 2 * output.bytes.length)))
  grown.set(output.bytes.subarray(0, output.length))
  output.bytes = grown
}
