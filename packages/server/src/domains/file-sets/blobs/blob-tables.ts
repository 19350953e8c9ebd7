import type { Kysely } from 'kysely'
import type { Database } from '../../../ports/database.ts'
import { type Blob, graceMs, type PieceLocation } from './blob.ts'

export interface BlobTables {
  /** Objects that hold the bytes of many pieces, one after the other. */
  blob_packs: { id: string; bytes: number; created_at: number }
  /** `pack` and `start` are null of a blob that is made of pieces. */
  blobs: {
    digest: string
    size: number
    md5: string | null
    pack: string | null
    start: number | null
    /** When somebody last put it or asked for it in order to name it: the grace of the collector begins then. */
    used_at: number
  }
  blob_pieces: { blob: string; position: number; piece: string }
}

type Db = Kysely<BlobTables>

/** How many values one statement compares with. */
export const batchSize = 1000

type FoundBlob = Blob & { location?: PieceLocation; usedAt: number }

/** Blobs by digest, and where those lie that are one piece. */
export async function findBlobs(db: Db, digests: readonly string[]): Promise<Map<string, FoundBlob>> {
  return new Map((await listRows(db, digests)).map((row) => [row.digest, blobOf(row)]))
}

/** As findBlobs, for whoever is about to name them: they stay for half of the grace at least. */
export async function useBlobs(
  db: Db,
  digests: readonly string[],
  now: number,
): Promise<Map<string, FoundBlob>> {
  const rows = await listRows(db, digests)
  const stale = rows.filter(({ used_at }) => used_at < now - graceMs / 2).map(({ digest }) => digest)
  if (stale.length === 0) return new Map(rows.map((row) => [row.digest, blobOf(row)]))
  for (let at = 0; at < stale.length; at += batchSize) {
    await db
      .updateTable('blobs')
      .set({ used_at: now })
      .where('digest', 'in', stale.slice(at, at + batchSize))
      .execute()
  }
  // Those that the collector of garbage has removed in between are not there any more.
  return findBlobs(db, digests)
}

async function listRows(db: Db, digests: readonly string[]): Promise<BlobTables['blobs'][]> {
  const rows: BlobTables['blobs'][] = []
  for (let at = 0; at < digests.length; at += batchSize) {
    const batch = digests.slice(at, at + batchSize)
    rows.push(...(await db.selectFrom('blobs').selectAll().where('digest', 'in', batch).execute()))
  }
  return rows
}

function blobOf({ digest, size, md5, pack, start, used_at }: BlobTables['blobs']): FoundBlob {
  const location = pack !== null && start !== null ? { digest, size, pack, start } : undefined
  return { digest, size, usedAt: used_at, ...(md5 !== null && { md5 }), ...(location && { location }) }
}

/** The pieces of a blob in their order; none of a blob that is one piece. */
export async function listPieces(db: Db, blob: string): Promise<PieceLocation[]> {
  const rows = await db
    .selectFrom('blob_pieces as p')
    .innerJoin('blobs as b', 'b.digest', 'p.piece')
    .select(['b.digest', 'b.size', 'b.pack', 'b.start'])
    .where('p.blob', '=', blob)
    .orderBy('p.position')
    .execute()
  return rows.map(({ digest, size, pack, start }) => ({ digest, size, pack: pack ?? '', start: start ?? 0 }))
}

export type NewPiece = PieceLocation & { md5?: string }

/** Registers a pack with the pieces in it; a piece that is elsewhere already stays there. */
export async function addPack(
  db: Database,
  pack: { id: string; bytes: number },
  pieces: readonly NewPiece[],
  now: number,
): Promise<void> {
  await db.transaction<BlobTables, void>(async (trx) => {
    await trx
      .insertInto('blob_packs')
      .values({ ...pack, created_at: now })
      .execute()
    await addPieces(db, trx, pieces, now)
  })
}

async function addPieces(db: Database, trx: Db, pieces: readonly NewPiece[], now: number): Promise<void> {
  await db.insertMany(trx, {
    table: 'blobs',
    columns: {
      digest: 'text',
      size: 'bigint',
      md5: 'text',
      pack: 'text',
      start: 'bigint',
      used_at: 'bigint',
    },
    key: ['digest'],
    update: {
      md5: 'coalesce(blobs.md5, excluded.md5)',
      used_at: 'excluded.used_at',
      // What is made of pieces becomes one.
      start: 'case when blobs.pack is null then excluded.start else blobs.start end',
      pack: 'coalesce(blobs.pack, excluded.pack)',
    },
    rows: pieces.map(({ digest, size, md5, pack, start }) => [digest, size, md5 ?? null, pack, start, now]),
  })
}

/** Within a transaction: keeps the MD5 of blobs, those that are not there (any more) left out. */
export async function addMd5s(
  db: Database,
  trx: Db,
  blobs: readonly { digest: string; md5: string }[],
): Promise<void> {
  const md5s = new Map(blobs.map(({ digest, md5 }) => [digest, md5]))
  const rows = await listRows(trx, [...md5s.keys()])
  await db.insertMany(trx, {
    table: 'blobs',
    columns: { digest: 'text', size: 'bigint', md5: 'text', used_at: 'bigint' },
    key: ['digest'],
    update: { md5: 'excluded.md5' },
    rows: rows.map(({ digest, size, used_at }) => [digest, size, md5s.get(digest) ?? null, used_at]),
  })
}

/**
 * Registers a blob that is made of pieces.
 * @returns false if one of them is not there (any more)
 */
export async function addComposite(
  db: Database,
  blob: Blob,
  pieces: readonly string[],
  now: number,
): Promise<boolean> {
  return db.transaction<BlobTables, boolean>(async (trx) => {
    const distinct = [...new Set(pieces)]
    if ((await useBlobs(trx, distinct, now)).size !== distinct.length) return false
    const existing = (await useBlobs(trx, [blob.digest], now)).get(blob.digest)
    if (existing) {
      if (blob.md5 !== undefined) await addMd5s(db, trx, [{ digest: blob.digest, md5: blob.md5 }])
      return true
    }
    await trx
      .insertInto('blobs')
      .values({ ...blob, md5: blob.md5 ?? null, pack: null, start: null, used_at: now })
      .execute()
    await db.insertMany(trx, {
      table: 'blob_pieces',
      columns: { blob: 'text', position: 'bigint', piece: 'text' },
      key: ['blob', 'position'],
      rows: pieces.map((piece, position) => [blob.digest, position, piece]),
    })
    return true
  })
}
