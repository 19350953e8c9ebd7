import { createHash } from 'node:crypto'
import { fail } from '@millrace/protocol'
import type { Clock } from '../../../kernel/clock.ts'
import { freeBuffer } from '../../../kernel/free-buffer.ts'
import { sha256 } from '../../../kernel/hash.ts'
import type { Database } from '../../../ports/database.ts'
import type { ObjectStore } from '../../../ports/object-store.ts'
import { readBatch } from './batch.ts'
import { type Blob, type PieceLocation, packBytes, type SizedDigest } from './blob.ts'
import { addComposite, type BlobTables, findBlobs, listPieces, useBlobs } from './blob-tables.ts'
import { piecesOf } from './chunker.ts'
import { md5sOf } from './md5.ts'
import { readPieces } from './pack-reader.ts'
import { type Added, createPackWriter, type Piece } from './pack-writer.ts'
import { createRecentBlobs } from './recent-blobs.ts'

/**
 * Immutable bytes by their SHA-256. Small ones share packs, large ones are cut into pieces by their content, and equal
 * pieces are kept once. What nothing names is removed by the collector of garbage when its grace is over.
 */
export interface BlobStore {
  /** Keeps bytes of at most 4 MiB, and gives their digests in the same order. Durable when it resolves. */
  put(contents: readonly Uint8Array[]): Promise<string[]>
  /**
   * Keeps what a client sends together; see {@link readBatch} for its form.
   * @returns how many there were, and how many of them were new
   * @throws `blob.batch_invalid`, `blob.mismatch` where bytes are not those of the digest
   */
  putBatch(body: AsyncIterable<Uint8Array>): Promise<Added & { added: Added }>
  /** Keeps a body of any length. @throws `blob.mismatch` if it is not what is expected */
  putStream(body: AsyncIterable<Uint8Array>, expected: { digest: string } | { md5: string }): Promise<Blob>
  /** Those that are there; who asks so is about to name them, and has half of the grace for it. */
  use(digests: readonly string[]): Promise<Map<string, SizedDigest>>
  /** @throws `blob.not_found` */
  get(digest: string): Promise<Blob>
  /** MD5 by digest, of those that are there; see {@link md5sOf}. */
  md5s(digests: readonly string[]): Promise<Map<string, string>>
  /** All bytes in memory: for small ones. @throws `blob.not_found` */
  read(digest: string): Promise<Buffer>
  /** The bytes `[start, end)`, to the end without a range. @throws `blob.not_found` before the first bytes */
  open(digest: string, range?: { start: number; end: number }): Promise<AsyncIterable<Uint8Array>>
  /** The bytes of all, one after the other, and how many these are. @throws `blob.not_found` */
  openMany(digests: readonly string[]): Promise<{ size: number; body: AsyncIterable<Uint8Array> }>
}

export interface BlobDeps {
  db: Database
  objects: ObjectStore
  clock: Clock
}

export function createBlobStore(deps: BlobDeps): BlobStore {
  const { db, clock } = deps
  const recent = createRecentBlobs()
  const writer = createPackWriter(deps, recent)
  const tables = () => db.tables<BlobTables>()

  /** Adds pieces a pack's worth at a time, the next being read while one is written. */
  function createFeed() {
    let gathered: Piece[] = []
    let memories: Buffer[] = []
    let bytes = 0
    let writing: Promise<unknown> = Promise.resolve()
    const added = { files: 0, bytes: 0 }
    async function flush() {
      const [pieces, used] = [gathered, memories]
      gathered = []
      memories = []
      bytes = 0
      await writing
      writing = writer.add(pieces).then((amount) => {
        added.files += amount.files
        added.bytes += amount.bytes
        used.forEach(freeBuffer)
      })
      // Its failure is thrown by the next one that waits for it.
      writing.catch(() => {})
    }
    return {
      /** @param memory that all of them lie in, and nothing else; it is freed when they are kept */
      async add(pieces: readonly Piece[], memory?: Buffer) {
        if (memory) memories.push(memory)
        for (const piece of pieces) {
          gathered.push(piece)
          bytes += piece.bytes.byteLength
        }
        if (bytes >= packBytes) await flush()
      },
      /** @returns those that were new */
      async end(): Promise<Added> {
        if (gathered.length > 0) await flush()
        await writing
        return added
      },
    }
  }

  async function use(digests: readonly string[]): Promise<Map<string, SizedDigest>> {
    const now = clock.now()
    const found = new Map<string, SizedDigest>()
    const unknown: string[] = []
    for (const digest of digests) {
      const blob = recent.find(digest, now)
      if (blob) found.set(digest, blob)
      else unknown.push(digest)
    }
    if (unknown.length === 0) return found
    for (const { digest, size, usedAt } of (await useBlobs(tables(), unknown, now)).values()) {
      found.set(digest, { digest, size })
      recent.add({ digest, size }, usedAt)
    }
    return found
  }

  async function get(digest: string) {
    const found = (await findBlobs(tables(), [digest])).get(digest)
    if (!found) throw fail('blob.not_found', { digest })
    return found
  }

  async function locate(digest: string): Promise<PieceLocation[]> {
    const { location } = await get(digest)
    return location ? [location] : listPieces(tables(), digest)
  }

  async function open(digest: string, range?: { start: number; end: number }) {
    const pieces = await locate(digest)
    return range ? cutTo(range, pieces, (inside) => readPieces(deps, inside)) : readPieces(deps, pieces)
  }

  return {
    async put(contents) {
      const pieces = contents.map((bytes) => ({ bytes, digest: sha256(bytes) }))
      await writer.add(pieces)
      return pieces.map(({ digest }) => digest)
    },
    async putBatch(body) {
      const total = { files: 0, bytes: 0 }
      const feed = createFeed()
      for await (const { files, memory } of readBatch(body)) {
        for (const { digest, size, bytes } of files) {
          const found = sha256(bytes)
          if (found !== digest) throw fail('blob.mismatch', { expected: digest, found })
          total.bytes += size
        }
        total.files += files.length
        await feed.add(files, memory)
      }
      return { ...total, added: await feed.end() }
    },
    async putStream(body, expected) {
      const feed = createFeed()
      const whole = { sha256: createHash('sha256'), ...('md5' in expected && { md5: createHash('md5') }) }
      const pieces: string[] = []
      let size = 0
      let last: Piece | undefined
      for await (const bytes of piecesOf(tapped(body, whole))) {
        if (last) await feed.add([last])
        last = { bytes, digest: sha256(bytes) }
        pieces.push(last.digest)
        size += bytes.byteLength
      }
      const md5 = whole.md5?.digest('hex')
      const blob: Blob = { digest: whole.sha256.digest('hex'), size, ...(md5 !== undefined && { md5 }) }
      const [wanted, found] = 'md5' in expected ? [expected.md5, md5] : [expected.digest, blob.digest]
      if (wanted !== found) throw fail('blob.mismatch', { expected: wanted, found })
      const isOnePiece = pieces.length <= 1
      const end = last ?? { digest: blob.digest, bytes: new Uint8Array(0) }
      await feed.add([isOnePiece ? { ...end, digest: blob.digest, md5 } : end])
      await feed.end()
      if (!isOnePiece && !(await addComposite(db, blob, pieces, clock.now()))) {
        throw fail('storage.conflict', { what: `The bytes ${blob.digest}` })
      }
      return blob
    },
    use,
    async get(digest) {
      const { size, md5 } = await get(digest)
      return { digest, size, ...(md5 !== undefined && { md5 }) }
    },
    md5s: (digests) => md5sOf(deps, digests),
    async read(digest) {
      const parts: Uint8Array[] = []
      for await (const part of await open(digest)) parts.push(part)
      return Buffer.concat(parts)
    },
    open,
    async openMany(digests) {
      const found = await findBlobs(tables(), digests)
      const pieces: PieceLocation[] = []
      let size = 0
      for (const digest of digests) {
        const blob = found.get(digest)
        if (!blob) throw fail('blob.not_found', { digest })
        size += blob.size
        pieces.push(...(blob.location ? [blob.location] : await listPieces(tables(), digest)))
      }
      return { size, body: readPieces(deps, pieces) }
    },
  }
}

async function* cutTo(
  { start, end }: { start: number; end: number },
  pieces: readonly PieceLocation[],
  read: (pieces: readonly PieceLocation[]) => AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let offset = 0
  const inside: PieceLocation[] = []
  let before = 0
  for (const piece of pieces) {
    if (offset < end && offset + piece.size > start) {
      if (inside.length === 0) before = offset
      inside.push(piece)
    }
    offset += piece.size
  }
  let at = before
  for await (const chunk of read(inside)) {
    const part = chunk.subarray(Math.max(0, start - at), Math.max(0, end - at))
    at += chunk.byteLength
    if (part.byteLength > 0) yield part
  }
}

async function* tapped(
  body: AsyncIterable<Uint8Array>,
  hashes: Record<string, { update(bytes: Uint8Array): unknown }>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    for (const hash of Object.values(hashes)) hash.update(chunk)
    yield chunk
  }
}
