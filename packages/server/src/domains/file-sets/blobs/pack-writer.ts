import type { Clock } from '../../../kernel/clock.ts'
import { sha256 } from '../../../kernel/hash.ts'
import { newId } from '../../../kernel/ids.ts'
import type { Database } from '../../../ports/database.ts'
import type { ObjectStore } from '../../../ports/object-store.ts'
import { batchHeader } from './batch.ts'
import { packBytes } from './blob.ts'
import { addMd5s, addPack, type BlobTables, type NewPiece, useBlobs } from './blob-tables.ts'

export interface Piece {
  /** SHA-256 of the bytes; taken where it is not known. */
  digest?: string
  /** Where a client of DVC has sent it. */
  md5?: string
  bytes: Uint8Array
}

export interface PackWriter {
  /** Keeps those that are not there yet. When it resolves they survive `kill -9` of the process. */
  add(pieces: readonly Piece[]): Promise<void>
}

export const packPrefix = 'packs/'

type KnownPiece = Piece & { digest: string }

interface Waiting {
  pieces: readonly KnownPiece[]
  done: () => void
  failed: (error: unknown) => void
}

/**
 * Writes pieces into packs, one pack at a time. What comes while one is written goes into the next one together, so that
 * many clients with one small file each do not make a pack, and a wait for the disk, of each.
 *
 * A pack is an object with an index at its beginning, in the form of a batch. It is put before the transaction that
 * registers it; after a crash in between it is an object that nobody knows of, for the collector of garbage.
 */
export function createPackWriter({
  db,
  objects,
  clock,
}: {
  db: Database
  objects: ObjectStore
  clock: Clock
}): PackWriter {
  const queue: Waiting[] = []
  let isWriting = false

  async function work(): Promise<void> {
    if (isWriting) return
    isWriting = true
    while (queue.length > 0) {
      const group = takeGroup(queue)
      try {
        await write(group.flatMap(({ pieces }) => pieces))
        for (const { done } of group) done()
      } catch (error) {
        for (const { failed } of group) failed(error)
      }
    }
    isWriting = false
  }

  async function write(given: readonly KnownPiece[]): Promise<void> {
    const pieces = [...new Map(given.map((piece) => [piece.digest, piece])).values()]
    const tables = db.tables<BlobTables>()
    const known = await useBlobs(
      tables,
      pieces.map(({ digest }) => digest),
      clock.now(),
    )
    const named = pieces.flatMap(({ digest, md5 }) => {
      const blob = known.get(digest)
      return md5 !== undefined && blob && blob.md5 === undefined ? [{ digest, md5 }] : []
    })
    if (named.length > 0) await db.transaction<BlobTables, void>((trx) => addMd5s(db, trx, named))
    const added = pieces.filter(({ digest }) => known.get(digest)?.location === undefined)
    if (added.length === 0) return
    const pack = newId('pack', clock.now())
    const entries = added.map(({ digest, bytes }) => ({ digest, size: bytes.byteLength }))
    const header = batchHeader(entries)
    const { size } = await objects.put(packPrefix + pack, chunksOf(header, added), { ifAbsent: true })
    let start = header.byteLength
    const placed: NewPiece[] = added.map(({ digest, md5, bytes }) => {
      const piece = { digest, md5, size: bytes.byteLength, pack, start }
      start += bytes.byteLength
      return piece
    })
    await addPack(db, { id: pack, bytes: size }, placed, clock.now())
  }

  return {
    add(pieces) {
      const known = pieces.map((piece) => ({ ...piece, digest: piece.digest ?? sha256(piece.bytes) }))
      return new Promise((resolve, reject) => {
        queue.push({ pieces: known, done: resolve, failed: reject })
        void work()
      })
    },
  }
}

/** From the beginning of the queue, one pack's worth: more than that only if it came at once. */
function takeGroup(queue: Waiting[]): Waiting[] {
  const group: Waiting[] = []
  let bytes = 0
  for (const next of queue) {
    bytes += next.pieces.reduce((sum, piece) => sum + piece.bytes.byteLength, 0)
    if (group.length > 0 && bytes > packBytes) break
    group.push(next)
  }
  queue.splice(0, group.length)
  return group
}

async function* chunksOf(header: Uint8Array, pieces: readonly Piece[]): AsyncGenerator<Uint8Array> {
  yield header
  for (const { bytes } of pieces) yield bytes
}
