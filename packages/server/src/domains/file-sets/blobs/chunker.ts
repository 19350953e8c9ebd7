import { createHash } from 'node:crypto'
import { longestPiece } from './blob.ts'

/** Bytes of the pieces that a body is cut into. */
export interface PieceSizes {
  shortest: number
  usual: number
  longest: number
}

const pieceSizes: PieceSizes = { shortest: 256 * 1024, usual: 1024 * 1024, longest: longestPiece }

/**
 * Cuts a body where its content says so, so that bytes which were inserted or removed change only the pieces around them:
 * FastCDC (Xia et al., USENIX ATC 2016), with its gear hash, no cuts before the shortest length, and normalised lengths
 * (a harder condition before the usual length, an easier one after it). Each piece is memory of its own.
 */
export async function* piecesOf(
  body: AsyncIterable<Uint8Array>,
  sizes: PieceSizes = pieceSizes,
): AsyncGenerator<Buffer> {
  const findCut = cutFinder(sizes)
  const window = Buffer.allocUnsafeSlow(sizes.longest)
  let filled = 0
  function cut(): Buffer {
    const end = findCut(window, filled)
    const piece = Buffer.from(window.subarray(0, end))
    window.copyWithin(0, end, filled)
    filled -= end
    return piece
  }
  for await (const chunk of body) {
    for (let taken = 0; taken < chunk.byteLength; ) {
      const part = chunk.subarray(taken, taken + sizes.longest - filled)
      window.set(part, filled)
      filled += part.byteLength
      taken += part.byteLength
      if (filled === sizes.longest) yield cut()
    }
  }
  while (filled > 0) yield cut()
}

/** Finds the end of the first piece of the first `filled` bytes. */
function cutFinder({ shortest, usual, longest }: PieceSizes) {
  // The upper bits of the hash depend on the last 32 bytes, the lower ones on fewer.
  const bits = Math.round(Math.log2(usual))
  const hard = upperBits(bits + 2)
  const easy = upperBits(bits - 2)
  return (bytes: Uint8Array, filled: number): number => {
    const end = Math.min(filled, longest)
    if (end <= shortest) return end
    let hash = 0
    let at = shortest
    for (const limit = Math.min(usual, end); at < limit; at++) {
      hash = ((hash << 1) + gear[bytes[at]]) | 0
      if ((hash & hard) === 0) return at + 1
    }
    for (; at < end; at++) {
      hash = ((hash << 1) + gear[bytes[at]]) | 0
      if ((hash & easy) === 0) return at + 1
    }
    return end
  }
}

function upperBits(count: number): number {
  return count <= 0 ? 0 : (-1 << (32 - Math.min(31, count))) | 0
}

/** A number for each byte; any fixed ones with random bits do. They must never change: pieces would be cut elsewhere. */
const gear = Int32Array.from({ length: 256 }, (_, byte) =>
  createHash('sha256').update(Uint8Array.of(byte)).digest().readInt32LE(0),
)
