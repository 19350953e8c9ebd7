import { fail } from '@millrace/protocol'
import { type Kysely, sql } from 'kysely'
import { newId } from '../../../kernel/ids.ts'
import type { StoredObject } from '../../../ports/object-store.ts'
import { batchHeader } from './batch.ts'
import { graceMs, type PieceLocation, packBytes } from './blob.ts'
import type { BlobDeps } from './blob-store.ts'
import { type BlobTables, batchSize } from './blob-tables.ts'
import { readPieces } from './pack-reader.ts'
import { packPrefix } from './pack-writer.ts'

export interface Amount {
  files: number
  bytes: number
}

interface CollectorTables extends BlobTables {
  /** One row: the collection that began last. */
  blob_collections: { id: string }
  /** What a collection has found to be named. */
  blob_marks: { collection: string; digest: string }
}

type Db = Kysely<CollectorTables>

/** A collection that goes on until another one begins. */
export interface Collection {
  id: string
  /** Milliseconds. */
  startedAt: number
}

/** Packs of fewer bytes are made into larger ones. */
const smallPack = packBytes / 4

/**
 * Removes blobs that nothing names. Whoever holds the lock of garbage calls `begin`, marks all that is named, and then
 * sweeps; everybody else may go on meanwhile, and the holder may be killed at any time.
 *
 * Why nothing goes that is needed: who is about to name a blob uses it first (`useBlobs`), which makes `used_at` no
 * older than half of the grace, and names it within the other half. A blob is swept only if it was not marked and
 * `used_at` is older than the whole grace, counted from the beginning of the marking: it was neither named before, nor
 * can be named since.
 *
 * A lock can go to another server without its holder noticing at once. So every step of a collection checks, in the
 * transaction that does it, that no other one has begun: `garbage.running` if so, and nothing is removed by marks that
 * are old, or that another collection has begun to replace.
 */
export function createBlobCollector(deps: BlobDeps) {
  const { db, objects, clock } = deps
  const tables = (): Db => db.tables<CollectorTables>()

  /** Of those that nothing names and nobody has used for the grace. */
  const unnamed = (trx: Db, { id, startedAt }: Collection) =>
    trx
      .selectFrom('blobs as b')
      .where('b.used_at', '<', startedAt - graceMs)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('blob_marks as m')
              .select('m.digest')
              .where('m.collection', '=', id)
              .whereRef('m.digest', '=', 'b.digest'),
          ),
        ),
      )
      // A piece stays as long as what it is a piece of.
      .where(({ not, exists, selectFrom }) =>
        not(exists(selectFrom('blob_pieces as p').select('p.piece').whereRef('p.piece', '=', 'b.digest'))),
      )

  /** A transaction of the collection. @throws `garbage.running` if another one has begun */
  const step = <Result>({ id }: Collection, work: (trx: Db) => Promise<Result>) =>
    db.transaction<CollectorTables, Result>(async (trx) => {
      const current = await trx.selectFrom('blob_collections').select('id').executeTakeFirst()
      if (current?.id !== id) throw fail('garbage.running')
      return work(trx)
    })

  return {
    async begin(): Promise<Collection> {
      const startedAt = clock.now()
      const id = newId('collection', startedAt)
      await db.transaction<CollectorTables, void>(async (trx) => {
        await trx.deleteFrom('blob_collections').execute()
        await trx.deleteFrom('blob_marks').execute()
        await trx.insertInto('blob_collections').values({ id }).execute()
      })
      return { id, startedAt }
    },
    mark: (collection: Collection, digests: readonly string[]): Promise<void> =>
      step(collection, async (trx) => {
        await db.insertMany(trx, {
          table: 'blob_marks',
          columns: { collection: 'text', digest: 'text' },
          key: ['collection', 'digest'],
          rows: digests.map((digest) => [collection.id, digest]),
        })
      }),
    /** What a sweep would remove at once; pieces of it would follow. */
    async measure(collection: Collection): Promise<Amount> {
      const { files, bytes } = await step(collection, (trx) =>
        unnamed(trx, collection)
          .select((e) => [e.fn.countAll().as('files'), e.fn.sum('b.size').as('bytes')])
          .executeTakeFirstOrThrow(),
      )
      return { files: Number(files), bytes: Number(bytes ?? 0) }
    },
    async sweep(collection: Collection): Promise<Amount> {
      const total = { files: 0, bytes: 0 }
      for (;;) {
        const removed = await step(collection, async (trx) => {
          const rows = await unnamed(trx, collection)
            .select(['b.digest', 'b.size'])
            .limit(batchSize)
            .execute()
          const digests = rows.map(({ digest }) => digest)
          if (digests.length > 0) {
            await trx.deleteFrom('blob_pieces').where('blob', 'in', digests).execute()
            await trx.deleteFrom('blobs').where('digest', 'in', digests).execute()
          }
          return rows
        })
        if (removed.length === 0) return total
        total.files += removed.length
        total.bytes += removed.reduce((sum, { size }) => sum + size, 0)
      }
    },
    /** Removes packs that hold nothing any more, and makes packs that hold little into fewer. */
    async repack(collection: Collection): Promise<void> {
      let group: { id: string; live: number; bytes: number }[] = []
      const rewrite = async () => {
        const gains = group.length > 1 || group.some(({ live, bytes }) => live < bytes / 2)
        if (gains) {
          await movePacks(
            collection,
            group.map(({ id }) => id),
          )
        }
        group = []
      }
      for (const pack of await listSparsePacks(tables())) {
        group.push(pack)
        if (group.reduce((sum, { live }) => sum + live, 0) >= packBytes) await rewrite()
      }
      await rewrite()
    },
    /** Removes packs that a crash has left without a row, from before `before`. */
    async removeOrphans(before: number, { dryRun }: { dryRun: boolean }): Promise<Amount> {
      const total = { files: 0, bytes: 0 }
      let after: string | undefined
      do {
        const page = await objects.list(packPrefix, { after, limit: batchSize })
        for (const { key, size } of await unknownPacks(tables(), page.objects, before)) {
          if (!dryRun) await objects.delete(key)
          total.files++
          total.bytes += size
        }
        after = page.next
      } while (after !== undefined)
      return total
    },
  }

  /** Copies what lives in the packs into a new one, if anything does, and removes them. */
  async function movePacks(collection: Collection, packs: readonly string[]): Promise<void> {
    const pieces = (await tables()
      .selectFrom('blobs')
      .select(['digest', 'size', 'pack', 'start'])
      .where('pack', 'in', packs)
      .orderBy('pack')
      .orderBy('start')
      .execute()) as PieceLocation[]
    const pack = newId('pack', clock.now())
    const header = batchHeader(pieces)
    if (pieces.length > 0) {
      await objects.put(packPrefix + pack, chain(header, readPieces(deps, pieces)), { ifAbsent: true })
    }
    await step(collection, async (trx) => {
      let start = header.byteLength
      for (const { digest, size } of pieces) {
        await trx.updateTable('blobs').set({ pack, start }).where('digest', '=', digest).execute()
        start += size
      }
      if (pieces.length > 0) {
        await trx
          .insertInto('blob_packs')
          .values({ id: pack, bytes: start, created_at: clock.now() })
          .execute()
      }
      await trx.deleteFrom('blob_packs').where('id', 'in', packs).execute()
    })
    // Readers that are in the middle look for their pieces again. After a crash here they are orphans.
    for (const id of packs) await objects.delete(packPrefix + id)
  }
}

/** Packs of which less than half is live, or which are small; the oldest first. */
async function listSparsePacks(db: Db) {
  const live = sql<number>`coalesce((select sum(size) from blobs where blobs.pack = blob_packs.id), 0)`
  const rows = await db
    .selectFrom('blob_packs')
    .select(['id', 'bytes', live.as('live')])
    .orderBy('id')
    .execute()
  return rows
    .map((row) => ({ ...row, live: Number(row.live) }))
    .filter((pack) => pack.live < pack.bytes / 2 || pack.bytes < smallPack)
}

async function unknownPacks(db: Db, objects: readonly StoredObject[], before: number) {
  const idOf = ({ key }: StoredObject) => key.slice(packPrefix.length)
  const old = objects.filter(({ modifiedAt }) => modifiedAt < before)
  if (old.length === 0) return []
  const rows = await db.selectFrom('blob_packs').select('id').where('id', 'in', old.map(idOf)).execute()
  const known = new Set(rows.map(({ id }) => id))
  return old.filter((object) => !known.has(idOf(object)))
}

async function* chain(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first
  yield* rest
}
