import type { Kysely } from 'kysely'
import type { RequestRow } from './request-row.ts'

export interface PushTables {
  feature_pushes: { id: string; view: string; content: string; created_at: number }
}

type Db = Kysely<PushTables>

/** Rows on their way to both stores. */
export interface PendingPush {
  id: string
  view: string
  rows: readonly RequestRow[]
}

export async function addPush(db: Db, { id, view, rows }: PendingPush, now: number): Promise<void> {
  await db
    .insertInto('feature_pushes')
    .values({ id, view, content: JSON.stringify(rows), created_at: now })
    .execute()
}

export async function removePush(db: Db, id: string): Promise<void> {
  await db.deleteFrom('feature_pushes').where('id', '=', id).execute()
}

/** Oldest first. */
export async function listPushes(db: Db): Promise<PendingPush[]> {
  const rows = await db.selectFrom('feature_pushes').selectAll().orderBy('id').execute()
  return rows.map(({ id, view, content }) => ({ id, view, rows: JSON.parse(content) as RequestRow[] }))
}
