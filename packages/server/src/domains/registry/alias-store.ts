import type { AliasMove } from './model-version.ts'
import type { AliasRow, Db } from './store.ts'

/** Where the alias pointed at a time (now without one): its last move up to then. */
export async function findAliasMove(db: Db, of: { model: string; alias: string; at?: number }) {
  let query = db
    .selectFrom('model_aliases')
    .selectAll()
    .where('model', '=', of.model)
    .where('alias', '=', of.alias)
  if (of.at !== undefined) query = query.where('set_at', '<=', of.at)
  const row = await query.orderBy('sequence', 'desc').limit(1).executeTakeFirst()
  return row && { move: fromRow(row), sequence: row.sequence }
}

export async function addAliasMove(db: Db, move: AliasMove, sequence: number): Promise<void> {
  const { model, alias, version, at, by, reason } = move
  await db
    .insertInto('model_aliases')
    .values({ model, alias, sequence, version, set_at: at, set_by: by, reason })
    .execute()
}

/** All moves of one alias, newest first. */
export async function listAliasMoves(
  db: Db,
  of: { model: string; alias: string },
  range: { offset: number; limit: number },
): Promise<AliasMove[]> {
  const rows = await db
    .selectFrom('model_aliases')
    .selectAll()
    .where('model', '=', of.model)
    .where('alias', '=', of.alias)
    .orderBy('sequence', 'desc')
    .offset(range.offset)
    .limit(range.limit)
    .execute()
  return rows.map(fromRow)
}

/** Alias -> version, as they are now. */
export async function currentAliases(db: Db, model: string): Promise<Record<string, number>> {
  const rows = await db
    .selectFrom('model_aliases')
    .select(['alias', 'version'])
    .where('model', '=', model)
    .orderBy('alias')
    .orderBy('sequence')
    .execute()
  return Object.fromEntries(rows.map(({ alias, version }) => [alias, version]))
}

function fromRow(row: AliasRow): AliasMove {
  return {
    model: row.model,
    alias: row.alias,
    version: row.version,
    at: row.set_at,
    by: row.set_by,
    reason: row.reason,
  }
}
