import { fail, isPlatformError } from '@millrace/protocol'
import { sha256 } from '../../../kernel/hash.ts'
import type { Database } from '../../../ports/database.ts'
import type { ObjectStore } from '../../../ports/object-store.ts'
import { longestPiece, type PieceLocation } from './blob.ts'
import { type BlobTables, findBlobs } from './blob-tables.ts'
import { packPrefix } from './pack-writer.ts'

/**
 * The bytes of pieces one after the other, in chunks of several neighbours. Every piece is checked before it is given:
 * damage is `content.corrupt`, never wrong bytes. A pack that was made into another one meanwhile is looked for again.
 */
export async function* readPieces(
  { db, objects }: { db: Database; objects: ObjectStore },
  pieces: readonly PieceLocation[],
): AsyncGenerator<Buffer> {
  for (const run of runsOf(pieces)) {
    const bytes = await readRun(objects, run)
    if (bytes) {
      yield bytes
      continue
    }
    const moved = await findBlobs(
      db.tables<BlobTables>(),
      run.map(({ digest }) => digest),
    )
    for (const { digest } of run) {
      const location = moved.get(digest)?.location
      const piece = location && (await readRun(objects, [location]))
      if (!piece) throw fail('blob.not_found', { digest })
      yield piece
    }
  }
}

/** Neighbours in one pack, at most {@link longestPiece} bytes together. */
function* runsOf(pieces: readonly PieceLocation[]): Generator<PieceLocation[]> {
  let run: PieceLocation[] = []
  let bytes = 0
  for (const piece of pieces) {
    const last = run.at(-1)
    const isNext = last && last.pack === piece.pack && last.start + last.size === piece.start
    if (last && (!isNext || bytes + piece.size > longestPiece)) {
      yield run
      run = []
      bytes = 0
    }
    run.push(piece)
    bytes += piece.size
  }
  if (run.length > 0) yield run
}

/** Undefined if the pack is gone. */
async function readRun(objects: ObjectStore, run: readonly PieceLocation[]): Promise<Buffer | undefined> {
  const [{ pack, start }] = run
  const end = run.reduce((sum, { size }) => sum + size, start)
  const bytes = await readRange(objects, packPrefix + pack, { start, end })
  if (!bytes) return undefined
  let at = 0
  for (const { digest, size } of run) {
    const found = sha256(bytes.subarray(at, at + size))
    if (found !== digest) throw fail('content.corrupt', { digest, found })
    at += size
  }
  return bytes
}

async function readRange(objects: ObjectStore, key: string, range: { start: number; end: number }) {
  const bytes = Buffer.allocUnsafe(range.end - range.start)
  if (bytes.byteLength === 0) return bytes
  let filled = 0
  try {
    for await (const chunk of await objects.get(key, range)) {
      bytes.set(chunk, filled)
      filled += chunk.byteLength
    }
  } catch (error) {
    if (isPlatformError(error) && error.code === 'object.not_found') return undefined
    throw error
  }
  return bytes.subarray(0, filled)
}
