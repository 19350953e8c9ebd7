import type { ExpressionBuilder, Kysely } from 'kysely'

export interface ArtifactRow {
  path: string
  digest: string
  size: number
  version: string | null
  created_at: number
}

export interface ArtifactTables {
  artifacts: ArtifactRow
  artifact_writes: { path: string; id: string; expires_at: number }
  artifact_seals: { folder: string; holder: string; created_at: number }
  artifact_uploads: { id: string; path: string; parts: number; used_at: number }
  artifact_upload_parts: { upload_id: string; number: number; digest: string; size: number }
}

export type Db = Kysely<ArtifactTables>

export async function findRow(db: Db, path: string): Promise<ArtifactRow | undefined> {
  return db.selectFrom('artifacts').selectAll().where('path', '=', path).executeTakeFirst()
}

export async function saveRow(db: Db, row: ArtifactRow): Promise<void> {
  const { path, ...facts } = row
  await db
    .insertInto('artifacts')
    .values(row)
    .onConflict((c) => c.column('path').doUpdateSet(facts))
    .execute()
}

/** Puts what was found out about a row in its place, unless it has changed meanwhile. */
export async function repairRow(
  db: Db,
  was: ArtifactRow,
  is: Pick<ArtifactRow, 'digest' | 'size' | 'version'>,
) {
  await db.updateTable('artifacts').set(is).where('path', '=', was.path).where(sameAs(was)).execute()
}

export async function removeRow(db: Db, was: ArtifactRow): Promise<void> {
  await db.deleteFrom('artifacts').where('path', '=', was.path).where(sameAs(was)).execute()
}

function sameAs(was: ArtifactRow) {
  return (e: ExpressionBuilder<ArtifactTables, 'artifacts'>) =>
    e.and([
      e('digest', '=', was.digest),
      e('created_at', '=', was.created_at),
      was.version === null ? e('version', 'is', null) : e('version', '=', was.version),
    ])
}

/** The paths beneath a folder are those from `from` (or after `after`) to before `to`, which `''` leaves open. */
export interface PathRange {
  from?: string
  after?: string
  to?: string
}

/** `/` is followed by `0`, so this is where the paths that begin with `folder/` end. */
export function rangeOf(folder: string): { from: string; to?: string } {
  return folder === '' ? { from: '' } : { from: `${folder}/`, to: `${folder}0` }
}

export async function listRows(
  db: Db,
  { from, after, to }: PathRange,
  limit: number,
): Promise<ArtifactRow[]> {
  let query = db.selectFrom('artifacts').selectAll()
  if (from !== undefined) query = query.where('path', '>=', from)
  if (after !== undefined) query = query.where('path', '>', after)
  if (to !== undefined) query = query.where('path', '<', to)
  return query.orderBy('path').limit(limit).execute()
}

export async function deleteRows(db: Db, paths: readonly string[]): Promise<void> {
  await db.deleteFrom('artifacts').where('path', 'in', paths).execute()
}

/** The paths among these that have a row or a write under way. */
export async function knownPaths(db: Db, paths: readonly string[]): Promise<Set<string>> {
  if (paths.length === 0) return new Set()
  const rows = await db.selectFrom('artifacts').select('path').where('path', 'in', paths).execute()
  const writes = await db.selectFrom('artifact_writes').select('path').where('path', 'in', paths).execute()
  return new Set([...rows, ...writes].map(({ path }) => path))
}
