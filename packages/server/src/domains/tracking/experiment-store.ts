import type { Experiment, LifecycleStage, View } from './experiment.ts'
import type { Db, ExperimentRow } from './tables.ts'

type Found = Omit<Experiment, 'tags'>

export function isExperimentId(id: string): boolean {
  return /^\d{1,15}$/.test(id)
}

export async function findExperiment(
  db: Db,
  by: { id: string } | { name: string },
): Promise<Found | undefined> {
  if ('id' in by && !isExperimentId(by.id)) return undefined
  const query = db.selectFrom('experiments').selectAll()
  const row = await ('id' in by
    ? query.where('id', '=', Number(by.id))
    : query.where('name', '=', by.name)
  ).executeTakeFirst()
  return row && experimentFromRow(row)
}

/** Call it in a transaction: the next number is read before it is used. */
export async function addExperiment(
  db: Db,
  { name, location, now }: { name: string; location: (id: string) => string; now: number },
): Promise<Found> {
  const { last } = await db
    .selectFrom('experiments')
    .select((e) => e.fn.max('id').as('last'))
    .executeTakeFirstOrThrow()
  const id = Number(last ?? 0) + 1
  const row: ExperimentRow = {
    id,
    name,
    artifact_location: location(String(id)),
    lifecycle_stage: 'active',
    created_at: now,
    updated_at: now,
    deleted_at: null,
  }
  await db.insertInto('experiments').values(row).execute()
  return experimentFromRow(row)
}

/** True if it has neither runs nor logged models, deleted ones included. */
export async function isEmptyExperiment(db: Db, id: string): Promise<boolean> {
  for (const table of ['runs', 'logged_models'] as const) {
    const query = db.selectFrom(table).select('id').where('experiment_id', '=', Number(id)).limit(1)
    if (await query.executeTakeFirst()) return false
  }
  return true
}

/** Newest first. */
export async function listExperiments(
  db: Db,
  view: View,
  range: { offset: number; limit: number },
): Promise<Found[]> {
  let query = db.selectFrom('experiments').selectAll().orderBy('id', 'desc')
  if (view !== 'all') query = query.where('lifecycle_stage', '=', view)
  return (await query.offset(range.offset).limit(range.limit).execute()).map(experimentFromRow)
}

export async function updateExperiment(
  db: Db,
  id: string,
  change: Partial<Omit<ExperimentRow, 'id'>>,
): Promise<void> {
  await db.updateTable('experiments').set(change).where('id', '=', Number(id)).execute()
}

/** Moves the experiment and its runs to that stage; runs that are there already stay as they are. */
export async function moveExperiment(db: Db, id: string, stage: LifecycleStage, now: number): Promise<void> {
  const deleted_at = stage === 'deleted' ? now : null
  await updateExperiment(db, id, { lifecycle_stage: stage, updated_at: now, deleted_at })
  await db
    .updateTable('runs')
    .set({ lifecycle_stage: stage, deleted_at })
    .where('experiment_id', '=', Number(id))
    .where('lifecycle_stage', '!=', stage)
    .execute()
}

/** Tags by experiment id. */
export async function listExperimentTags(
  db: Db,
  ids: readonly string[],
): Promise<Map<string, Record<string, string>>> {
  const byId = new Map(ids.map((id): [string, [string, string][]] => [id, []]))
  if (ids.length > 0) {
    const rows = await db
      .selectFrom('experiment_tags')
      .selectAll()
      .where('experiment_id', 'in', ids.map(Number))
      .orderBy('key')
      .execute()
    for (const { experiment_id, key, value } of rows) byId.get(String(experiment_id))?.push([key, value])
  }
  return new Map([...byId].map(([id, entries]) => [id, Object.fromEntries(entries)]))
}

/** @returns false if there is none */
export async function removeExperimentTag(db: Db, id: string, key: string): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('experiment_tags')
    .where('experiment_id', '=', Number(id))
    .where('key', '=', key)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

export function experimentFromRow(row: ExperimentRow): Found {
  return {
    id: String(row.id),
    name: row.name,
    artifactLocation: row.artifact_location,
    lifecycleStage: row.lifecycle_stage as LifecycleStage,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    deletedAt: row.deleted_at,
  }
}
