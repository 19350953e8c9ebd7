import { fail } from '@millrace/protocol'
import type { Kysely } from 'kysely'
import { removalStates } from '../../ports/content-store.ts'
import type { Database } from '../../ports/database.ts'

interface ContentTables {
  /** What lies in the content store, and when somebody was about to name it last. */
  contents: { digest: string; used_at: number; removing: number }
  /** The one that goes on: who was that before must not go on. */
  content_collections: { id: string }
  /** What a collection has found to be named. */
  content_marks: { collection: string; digest: string }
}

type Db = Kysely<ContentTables>

export interface Collection {
  id: string
  /** Only what was not used since, milliseconds. */
  before: number
}

/** Contents that are removed at once: who wants to use one of them waits for all. */
const removedAtOnce = 50

export async function beginCollection(db: Database, { id }: Collection): Promise<void> {
  await db.transaction<ContentTables, void>(async (trx) => {
    await trx.deleteFrom('content_collections').execute()
    await trx.deleteFrom('content_marks').execute()
    await trx.insertInto('content_collections').values({ id }).execute()
  })
}

/** A transaction of the collection. @throws `garbage.running` if another one has begun */
function step<Result>(db: Database, { id }: Collection, work: (trx: Db) => Promise<Result>): Promise<Result> {
  return db.transaction<ContentTables, Result>(async (trx) => {
    const current = await trx.selectFrom('content_collections').select('id').executeTakeFirst()
    if (current?.id !== id) throw fail('garbage.running')
    return work(trx)
  })
}

/** @returns those that were not marked yet */
export async function addMarks(
  db: Database,
  collection: Collection,
  digests: Iterable<string>,
): Promise<string[]> {
  const rows = [...new Set(digests)].map((digest): [string, string] => [collection.id, digest])
  if (rows.length === 0) return []
  return step(db, collection, async (trx) => {
    const key = ['collection', 'digest']
    const columns = { collection: 'text', digest: 'text' } as const
    const added = await db.insertNew(trx, { table: 'content_marks', columns, key, rows })
    return added.map(([, digest]) => digest)
  })
}

const unnamed = (db: Db, { id, before }: Collection) =>
  db
    .selectFrom('contents as c')
    .select('c.digest')
    .where('c.removing', '=', removalStates.none)
    .where('c.used_at', '<', before)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('content_marks as m')
            .select('m.digest')
            .where('m.collection', '=', id)
            .whereRef('m.digest', '=', 'c.digest'),
        ),
      ),
    )
    .orderBy('c.digest')

/** Contents that were not marked, by digest. */
export async function listUnnamed(
  db: Database,
  collection: Collection,
  { after, limit }: { after: string; limit: number },
): Promise<string[]> {
  const rows = await step(db, collection, (trx) =>
    unnamed(trx, collection).where('c.digest', '>', after).limit(limit).execute(),
  )
  return rows.map(({ digest }) => digest)
}

/** Some of those after a digest, which nobody can use until they are forgotten. */
export async function beginRemoval(db: Database, collection: Collection, after: string): Promise<string[]> {
  return step(db, collection, async (trx) => {
    const rows = await unnamed(trx, collection).where('c.digest', '>', after).limit(removedAtOnce).execute()
    const digests = rows.map(({ digest }) => digest)
    if (digests.length > 0)
      await trx
        .updateTable('contents')
        .set({ removing: removalStates.chosen })
        .where('digest', 'in', digests)
        .execute()
    return digests
  })
}

/** Those whose removal a crash has ended. */
export async function listRemoving(db: Database): Promise<string[]> {
  const rows = await db
    .tables<ContentTables>()
    .selectFrom('contents')
    .select('digest')
    .where('removing', '>', removalStates.none)
    .execute()
  return rows.map(({ digest }) => digest)
}

/**
 * Right before the object is deleted: who uses the content from now on waits until it is forgotten.
 * @returns false if it is to stay
 * @throws `garbage.running` if the collection has been ended
 */
export async function beginDeletion(db: Database, collection: Collection, digest: string): Promise<boolean> {
  return step(db, collection, async (trx) => {
    const { numUpdatedRows } = await trx
      .updateTable('contents')
      .set({ removing: removalStates.deleting })
      .where('digest', '=', digest)
      .where('removing', '>', removalStates.none)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  })
}

export async function forget(db: Database, digest: string): Promise<void> {
  await db
    .tables<ContentTables>()
    .deleteFrom('contents')
    .where('digest', '=', digest)
    .where('removing', '=', removalStates.deleting)
    .execute()
}

/** Notes objects that were put before uses were noted; what is known of others stays. */
export async function noteContents(
  db: Database,
  found: readonly { digest: string; modifiedAt: number }[],
): Promise<void> {
  await db.transaction<ContentTables, void>(async (trx) => {
    await db.insertMany(trx, {
      table: 'contents',
      columns: { digest: 'text', used_at: 'bigint', removing: 'bigint' },
      key: ['digest'],
      rows: found.map(({ digest, modifiedAt }) => [digest, Math.floor(modifiedAt), removalStates.none]),
    })
  })
}
