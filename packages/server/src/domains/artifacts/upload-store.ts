import type { UploadedPart } from './artifact.ts'
import type { ArtifactTables, Db } from './store.ts'

type UploadRow = ArtifactTables['artifact_uploads']

export async function addUpload(db: Db, row: UploadRow): Promise<void> {
  await db.insertInto('artifact_uploads').values(row).execute()
}

export async function findUpload(db: Db, id: string): Promise<UploadRow | undefined> {
  return db.selectFrom('artifact_uploads').selectAll().where('id', '=', id).executeTakeFirst()
}

/** False if the upload has ended meanwhile. */
export async function addPart(
  trx: Db,
  part: ArtifactTables['artifact_upload_parts'],
  now: number,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('artifact_uploads')
    .set({ used_at: now })
    .where('id', '=', part.upload_id)
    .executeTakeFirst()
  if (numUpdatedRows === 0n) return false
  const { digest, size } = part
  await trx
    .insertInto('artifact_upload_parts')
    .values(part)
    .onConflict((c) => c.columns(['upload_id', 'number']).doUpdateSet({ digest, size }))
    .execute()
  return true
}

/** By number. */
export async function listParts(db: Db, upload: string): Promise<UploadedPart[]> {
  return db
    .selectFrom('artifact_upload_parts')
    .select(['number', 'digest', 'size'])
    .where('upload_id', '=', upload)
    .orderBy('number')
    .execute()
}

export async function removeUpload(trx: Db, id: string): Promise<void> {
  await trx.deleteFrom('artifact_upload_parts').where('upload_id', '=', id).execute()
  await trx.deleteFrom('artifact_uploads').where('id', '=', id).execute()
}

/** Uploads that got no part since, by id. */
export async function listAbandoned(
  db: Db,
  before: number,
  { after = '', limit }: { after?: string; limit: number },
): Promise<UploadRow[]> {
  return db
    .selectFrom('artifact_uploads')
    .selectAll()
    .where('used_at', '<', before)
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute()
}

/** Those of the uploads that exist and got a part since. */
export async function knownUploads(
  db: Db,
  ids: readonly string[],
  { usedSince }: { usedSince: number },
): Promise<Set<string>> {
  if (ids.length === 0) return new Set()
  const rows = await db
    .selectFrom('artifact_uploads')
    .select('id')
    .where('id', 'in', ids)
    .where('used_at', '>=', usedSince)
    .execute()
  return new Set(rows.map(({ id }) => id))
}
