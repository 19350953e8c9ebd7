import type { Stage, VersionRef } from './model-version.ts'
import type { StageMove } from './pointer.ts'
import type { Db, StageMoveRow } from './tables.ts'

export async function addStageMove(db: Db, move: StageMove): Promise<void> {
  const { model, version, from, to, at, by, reason } = move
  const { last } = await db
    .selectFrom('model_stage_moves')
    .select((e) => e.fn.max('sequence').as('last'))
    .where('model', '=', model)
    .executeTakeFirstOrThrow()
  await db
    .insertInto('model_stage_moves')
    .values({
      model,
      sequence: Number(last ?? 0) + 1,
      version,
      from_stage: from,
      to_stage: to,
      moved_at: at,
      moved_by: by,
      reason,
    })
    .execute()
}

/** All moves of a model's versions, newest first. */
export async function listStageMoves(
  db: Db,
  model: string,
  range: { offset: number; limit: number },
): Promise<StageMove[]> {
  const rows = await db
    .selectFrom('model_stage_moves')
    .selectAll()
    .where('model', '=', model)
    .orderBy('sequence', 'desc')
    .offset(range.offset)
    .limit(range.limit)
    .execute()
  return rows.map(fromRow)
}

/** The last move of one version. */
export async function lastStageMoveOf(db: Db, of: VersionRef): Promise<StageMove | undefined> {
  const row = await db
    .selectFrom('model_stage_moves')
    .selectAll()
    .where('model', '=', of.model)
    .where('version', '=', of.version)
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row && fromRow(row)
}

/** Versions whose last move up to a time led to the stage, lowest first. */
export async function listVersionsInStage(
  db: Db,
  of: { model: string; stage: Stage; at: number },
): Promise<number[]> {
  const rows = await db
    .selectFrom('model_stage_moves as last')
    .select('version')
    .where('model', '=', of.model)
    .where('to_stage', '=', of.stage)
    .where('moved_at', '<=', of.at)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('model_stage_moves as later')
            .select('later.sequence')
            .whereRef('later.model', '=', 'last.model')
            .whereRef('later.version', '=', 'last.version')
            .whereRef('later.sequence', '>', 'last.sequence')
            .where('later.moved_at', '<=', of.at),
        ),
      ),
    )
    .orderBy('version')
    .execute()
  return rows.map(({ version }) => version)
}

/** Versions that are in a stage now, lowest first. */
export async function versionsInStage(db: Db, model: string, stage: Stage): Promise<number[]> {
  const rows = await db
    .selectFrom('model_versions')
    .select('version')
    .where('model', '=', model)
    .where('stage', '=', stage)
    .where('deleted_at', 'is', null)
    .orderBy('version')
    .execute()
  return rows.map(({ version }) => version)
}

function fromRow(row: StageMoveRow): StageMove {
  return {
    model: row.model,
    version: row.version,
    from: row.from_stage as Stage,
    to: row.to_stage as Stage,
    at: row.moved_at,
    by: row.moved_by,
    reason: row.reason,
  }
}
