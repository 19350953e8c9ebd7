import type { AliasMove } from './pointer.ts'
import type { AliasMoveRow, Db } from './tables.ts'

type Of = { model: string; alias: string }

/** Where the alias points now, with the number of its last move; also of one that was deleted (`version` null). */
export async function findLastMove(db: Db, of: Of & { at?: number }) {
  let query = moves(db, of)
  if (of.at !== undefined) query = query.where('set_at', '<=', of.at)
  const row = await query.orderBy('sequence', 'desc').limit(1).executeTakeFirst()
  return row && { move: fromRow(row), sequence: row.sequence }
}

/** Moves the alias and remembers it. */
export async function addAliasMove(db: Db, move: AliasMove, sequence: number): Promise<void> {
  const { model, alias, version, kind, at, by, reason } = move
  await db
    .insertInto('model_alias_moves')
    .values({ model, alias, sequence, version, kind, set_at: at, set_by: by, reason })
    .execute()
  if (version === null) {
    await db.deleteFrom('model_aliases').where('model', '=', model).where('alias', '=', alias).execute()
    return
  }
  await db
    .insertInto('model_aliases')
    .values({ model, alias, version })
    .onConflict((c) => c.columns(['model', 'alias']).doUpdateSet({ version }))
    .execute()
}

/** All moves of one alias, newest first. */
export async function listAliasMoves(
  db: Db,
  of: Of,
  range: { offset: number; limit: number },
): Promise<AliasMove[]> {
  const rows = await moves(db, of)
    .orderBy('sequence', 'desc')
    .offset(range.offset)
    .limit(range.limit)
    .execute()
  return rows.map(fromRow)
}

/**
 * Versions that the alias pointed at before, the last one first: what a rollback can go back to. A rollback takes back
 * everything since the version that it went to, so going back twice does not lead forward again.
 */
export async function listEarlierVersions(db: Db, of: Of): Promise<number[]> {
  const rows = await moves(db, of).orderBy('sequence').execute()
  const trail: (number | null)[] = []
  for (const { kind, version } of rows) {
    if (kind === 'rollback') trail.splice(trail.lastIndexOf(version) + 1)
    else trail.push(version)
  }
  trail.pop()
  const existing = await db
    .selectFrom('model_versions')
    .select('version')
    .where('model', '=', of.model)
    .where('deleted_at', 'is', null)
    .where('status', '=', 'READY')
    .execute()
  const usable = new Set(existing.map(({ version }) => version))
  return trail.filter((version) => version !== null && usable.has(version)).reverse() as number[]
}

/** The version behind an alias now. */
export async function findAliased(db: Db, { model, alias }: Of): Promise<number | undefined> {
  const row = await db
    .selectFrom('model_aliases')
    .select('version')
    .where('model', '=', model)
    .where('alias', '=', alias)
    .executeTakeFirst()
  return row?.version
}

/** Aliases of one version, in order. */
export async function aliasesOf(db: Db, of: { model: string; version: number }): Promise<string[]> {
  const rows = await db
    .selectFrom('model_aliases')
    .select('alias')
    .where('model', '=', of.model)
    .where('version', '=', of.version)
    .orderBy('alias')
    .execute()
  return rows.map(({ alias }) => alias)
}

function moves(db: Db, { model, alias }: Of) {
  return db.selectFrom('model_alias_moves').selectAll().where('model', '=', model).where('alias', '=', alias)
}

function fromRow(row: AliasMoveRow): AliasMove {
  return {
    model: row.model,
    alias: row.alias,
    version: row.version,
    kind: row.kind as AliasMove['kind'],
    at: row.set_at,
    by: row.set_by,
    reason: row.reason,
  }
}
