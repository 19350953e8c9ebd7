import type { Clock } from '../../../kernel/clock.ts'
import { newId } from '../../../kernel/ids.ts'
import type { Database } from '../../../ports/database.ts'
import type { ObjectStore } from '../../../ports/object-store.ts'
import { batchHeader } from './batch.ts'
import { packBytes } from './blob.ts'
import { addMd5s, addPack, type BlobTables, type NewPiece, useBlobs } from './blob-tables.ts'
import type { RecentBlobs } from './recent-blobs.ts'

export interface Piece {
  /** SHA-256 of the bytes. */
  digest: string
  /** Where a client of DVC has sent it. */
  md5?: string
  bytes: Uint8Array
}

/** Pieces that were new, and their bytes. */
export interface Added {
  files: number
  bytes: number
}

export interface PackWriter {
  /** Keeps those that are not there yet. When it resolves all of them survive `kill -9` of the process. */
  add(pieces: readonly Piece[]): Promise<Added>
}

export const packPrefix = 'packs/'

interface Waiting {
  pieces: readonly Piece[]
  done: (added: Added) => void
  failed: (error: unknown) => void
}

/**
 * Writes pieces into packs, one pack at a time. What comes while one is written goes into the next one together, so that
 * many clients with one small file each do not make a pack, and a wait for the disk, of each.
 *
 * A pack is an object with an index at its beginning, in the form of a batch. It is put before the transaction that
 * registers it; after a crash in between it is an object that nobody knows of, for the collector of garbage.
 */
export function createPackWriter(
  { db, objects, clock }: { db: Database; objects: ObjectStore; clock: Clock },
  recent: RecentBlobs,
): PackWriter {
  const queue: Waiting[] = []
  let isWriting = false

  async function work(): Promise<void> {
    if (isWriting) return
    isWriting = true
    while (queue.length > 0) {
      const group = takeGroup(queue)
      try {
        const known = await write(group.flatMap(({ pieces }) => pieces))
        for (const { pieces, done } of group)
          done(amountOf(pieces.filter(({ digest }) => !known.has(digest))))
      } catch (error) {
        for (const { failed } of group) failed(error)
      }
    }
    isWriting = false
  }

  /** @returns digests of those that were there */
  async function write(given: readonly Piece[]): Promise<Pick<ReadonlySet<string>, 'has'>> {
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
    if (added.length === 0) return known
    const pack = newId('pack', clock.now())
    let end = 0
    const placed: NewPiece[] = added.map(({ digest, md5, bytes }) => {
      const start = end
      end += bytes.byteLength
      return { digest, md5, size: bytes.byteLength, pack, start }
    })
    const header = batchHeader(placed)
    for (const piece of placed) piece.start += header.byteLength
    const { size } = await objects.put(packPrefix + pack, chunksOf(header, added), { ifAbsent: true })
    const now = clock.now()
    await addPack(db, { id: pack, bytes: size }, placed, now)
    for (const { digest, size: bytes } of placed) recent.add({ digest, size: bytes }, now)
    return known
  }

  return {
    add(pieces) {
      return new Promise((resolve, reject) => {
        queue.push({ pieces, done: resolve, failed: reject })
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
    bytes += amountOf(next.pieces).bytes
    if (group.length > 0 && bytes > packBytes) break
    group.push(next)
  }
  queue.splice(0, group.length)
  return group
}

function amountOf(pieces: readonly Piece[]): Added {
  return { files: pieces.length, bytes: pieces.reduce((sum, { bytes }) => sum + bytes.byteLength, 0) }
}

/** The bytes of all, those together that are neighbours in memory already. */
async function* chunksOf(header: Uint8Array, pieces: readonly Piece[]): AsyncGenerator<Uint8Array> {
  yield header
  let [chunk, ...rest] = pieces.map(({ bytes }) => bytes)
  for (const bytes of rest) {
    const end = chunk.byteOffset + chunk.byteLength
    if (bytes.buffer === chunk.buffer && bytes.byteOffset === end) {
      chunk = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength + bytes.byteLength)
    } else {
      yield chunk
      chunk = bytes
    }
  }
  yield chunk
}
