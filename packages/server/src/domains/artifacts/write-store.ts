import { fail } from '@millrace/protocol'
import { foldersOf } from './artifact-path.ts'
import { type ArtifactRow, type Db, type PathRange, saveRow } from './store.ts'

/**
 * A write is registered between the last byte of its body and its row: in that time the object takes the place of the
 * old one. It keeps the folder from being sealed; and two of them on one path make the row be checked against the object.
 * One that a killed process left counts no more after this time.
 */
const leaseMs = 5 * 60_000

interface Write {
  path: string
  id: string
}

/** @throws `artifact.sealed`; `artifact.busy` if it must be the only one and is not */
export async function beginWrite(
  trx: Db,
  write: Write,
  now: number,
  { alone }: { alone: boolean },
): Promise<void> {
  await refuseSealed(trx, write.path)
  if (alone) {
    const other = await trx
      .selectFrom('artifact_writes')
      .select('id')
      .where('path', '=', write.path)
      .where('expires_at', '>', now)
      .executeTakeFirst()
    if (other) throw fail('artifact.busy', { folder: write.path })
  }
  await trx
    .insertInto('artifact_writes')
    .values({ ...write, expires_at: now + leaseMs })
    .execute()
}

/** The row is trusted only if no other write of the path was registered at the same time. */
export async function endWrite(trx: Db, write: Write, row: ArtifactRow): Promise<void> {
  const { numUpdatedRows: left } = await trx
    .updateTable('artifact_writes')
    .set({ expires_at: 0 })
    .where('path', '=', write.path)
    .where('id', '=', write.id)
    .where('expires_at', '>', 0)
    .executeTakeFirst()
  const others = await trx
    .selectFrom('artifact_writes')
    .select('id')
    .where('path', '=', write.path)
    .where('id', '!=', write.id)
    .execute()
  // One that ends while others go on stays, as a mark for them; the last one takes the marks away.
  const trusted = others.length === 0 && left > 0n
  await saveRow(trx, { ...row, version: trusted ? row.version : null })
  const going = await trx
    .selectFrom('artifact_writes')
    .select('id')
    .where('path', '=', write.path)
    .where('expires_at', '>', row.created_at)
    .executeTakeFirst()
  if (!going) await trx.deleteFrom('artifact_writes').where('path', '=', write.path).execute()
}

export async function cancelWrite(db: Db, { path, id }: Write): Promise<void> {
  await db.deleteFrom('artifact_writes').where('path', '=', path).where('id', '=', id).execute()
}

/** The paths of the range that have writes: their rows are to be checked against the objects. */
export async function listWrites(db: Db, range: PathRange): Promise<Set<string>> {
  let query = db.selectFrom('artifact_writes').select('path')
  if (range.from !== undefined) query = query.where('path', '>=', range.from)
  if (range.to !== undefined) query = query.where('path', '<', range.to)
  return new Set((await query.execute()).map(({ path }) => path))
}

export async function hasWrite(db: Db, range: PathRange, now: number): Promise<boolean> {
  let query = db.selectFrom('artifact_writes').select('path').where('expires_at', '>', now)
  if (range.from !== undefined) query = query.where('path', '>=', range.from)
  if (range.to !== undefined) query = query.where('path', '<', range.to)
  return (await query.limit(1).executeTakeFirst()) !== undefined
}

/** The paths of writes whose processes did not end them. */
export async function listExpiredWrites(db: Db, now: number): Promise<string[]> {
  const rows = await db
    .selectFrom('artifact_writes')
    .select('path')
    .distinct()
    .where('expires_at', '<', now)
    .orderBy('path')
    .execute()
  return rows.map(({ path }) => path)
}

/** Unless another write of the path goes on, for which they are marks. */
export async function removeExpiredWrites(trx: Db, path: string, now: number): Promise<void> {
  const going = await trx
    .selectFrom('artifact_writes')
    .select('id')
    .where('path', '=', path)
    .where('expires_at', '>=', now)
    .executeTakeFirst()
  if (going) return
  await trx.deleteFrom('artifact_writes').where('path', '=', path).where('expires_at', '<', now).execute()
}

/** @throws `artifact.sealed` if the path is a sealed folder or lies in one */
export async function refuseSealed(db: Db, path: string): Promise<void> {
  const seal = await db
    .selectFrom('artifact_seals')
    .select(['folder', 'holder'])
    .where('folder', 'in', [...foldersOf(path), path])
    .orderBy('holder')
    .executeTakeFirst()
  if (seal) throw fail('artifact.sealed', { path, ...seal })
}

/** The first seal that a deletion of the path, a file or a folder, would break. */
export async function findSeal(db: Db, path: string) {
  return db
    .selectFrom('artifact_seals')
    .select(['folder', 'holder'])
    .where((e) =>
      e.or([
        e('folder', 'in', [...foldersOf(path), path]),
        e.and([e('folder', '>=', `${path}/`), e('folder', '<', `${path}0`)]),
      ]),
    )
    .orderBy('folder')
    .executeTakeFirst()
}

export async function addSeal(db: Db, folder: string, holder: string, now: number): Promise<void> {
  await db
    .insertInto('artifact_seals')
    .values({ folder, holder, created_at: now })
    .onConflict((c) => c.columns(['folder', 'holder']).doNothing())
    .execute()
}

export async function removeSeal(db: Db, folder: string, holder: string): Promise<void> {
  await db.deleteFrom('artifact_seals').where('folder', '=', folder).where('holder', '=', holder).execute()
}

/** Seals from before a time, by folder and holder. */
export async function listSeals(
  db: Db,
  before: number,
  { after, limit }: { after: { folder: string; holder: string }; limit: number },
) {
  return db
    .selectFrom('artifact_seals')
    .select(['folder', 'holder'])
    .where('created_at', '<', before)
    .where((e) =>
      e.or([
        e('folder', '>', after.folder),
        e.and([e('folder', '=', after.folder), e('holder', '>', after.holder)]),
      ]),
    )
    .orderBy('folder')
    .orderBy('holder')
    .limit(limit)
    .execute()
}
