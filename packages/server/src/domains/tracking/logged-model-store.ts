import { fail } from '@millrace/protocol'
import type { Database } from '../../ports/database.ts'
import type { LifecycleStage, View } from './experiment.ts'
import type { LoggedModel, LoggedModelDetail, LoggedModelStatus } from './logged-model.ts'
import { listModelMetrics } from './logged-model-metric-store.ts'
import type { Db, LoggedModelRow } from './tables.ts'

export async function findLoggedModel(db: Db, id: string): Promise<LoggedModel | undefined> {
  const row = await db.selectFrom('logged_models').selectAll().where('id', '=', id).executeTakeFirst()
  return row && loggedModelFromRow(row)
}

export async function addLoggedModel(db: Db, model: LoggedModel): Promise<void> {
  await db
    .insertInto('logged_models')
    .values({
      id: model.id,
      experiment_id: Number(model.experimentId),
      name: model.name,
      model_type: model.modelType,
      source_run_id: model.sourceRun,
      artifact_uri: model.artifactUri,
      status: model.status,
      status_message: model.statusMessage,
      lifecycle_stage: model.lifecycleStage,
      created_at: model.createdAt,
      updated_at: model.updatedAt,
      deleted_at: model.deletedAt,
    })
    .execute()
}

export async function changeLoggedModel(
  db: Db,
  id: string,
  change: Partial<Omit<LoggedModelRow, 'id'>>,
): Promise<void> {
  await db.updateTable('logged_models').set(change).where('id', '=', id).execute()
}

/** Newest first. */
export async function listLoggedModels(
  db: Db,
  { experiment, run, view }: { experiment?: string; run?: string; view: View },
  range: { offset: number; limit: number },
): Promise<LoggedModel[]> {
  let query = db.selectFrom('logged_models').selectAll().orderBy('created_at', 'desc').orderBy('id', 'desc')
  if (experiment !== undefined) query = query.where('experiment_id', '=', Number(experiment))
  if (run !== undefined) query = query.where('source_run_id', '=', run)
  if (view !== 'all') query = query.where('lifecycle_stage', '=', view)
  return (await query.offset(range.offset).limit(range.limit).execute()).map(loggedModelFromRow)
}

/** Everything about these models, with one query for each kind and not for each model. */
export async function loadLoggedModelDetails(
  db: Db,
  models: readonly LoggedModel[],
): Promise<LoggedModelDetail[]> {
  const ids = models.map(({ id }) => id)
  if (ids.length === 0) return []
  const entriesOf = async (table: 'logged_model_params' | 'logged_model_tags') =>
    Map.groupBy(
      await db.selectFrom(table).selectAll().where('model_id', 'in', ids).orderBy('key').execute(),
      ({ model_id }) => model_id,
    )
  const [params, tags, metrics] = await Promise.all([
    entriesOf('logged_model_params'),
    entriesOf('logged_model_tags'),
    listModelMetrics(db, ids),
  ])
  return models.map((model) => ({
    ...model,
    params: toRecord(params.get(model.id)),
    tags: toRecord(tags.get(model.id)),
    metrics: metrics.get(model.id) ?? [],
  }))
}

/** The same values again change nothing. @throws `logged_model.param_conflict` */
export async function addModelParams(
  db: Database,
  trx: Db,
  model: string,
  params: Record<string, string>,
): Promise<void> {
  const entries = Object.entries(params)
  const added = await db.insertNew(trx, {
    table: 'logged_model_params',
    columns: { model_id: 'text', key: 'text', value: 'text' },
    rows: entries.map(([key, value]) => [model, key, value]),
    key: ['model_id', 'key'],
  })
  if (added.length === entries.length) return
  const stored = await trx
    .selectFrom('logged_model_params')
    .select(['key', 'value'])
    .where('model_id', '=', model)
    .execute()
  const values = new Map(stored.map(({ key, value }) => [key, value]))
  for (const [key, value] of entries) {
    const existing = values.get(key)
    if (existing !== value) {
      throw fail('logged_model.param_conflict', { model, key, existing: JSON.stringify(existing), value })
    }
  }
}

export async function setModelTags(
  db: Database,
  trx: Db,
  model: string,
  tags: Record<string, string>,
): Promise<void> {
  await db.insertMany(trx, {
    table: 'logged_model_tags',
    columns: { model_id: 'text', key: 'text', value: 'text' },
    rows: Object.entries(tags).map(([key, value]) => [model, key, value]),
    key: ['model_id', 'key'],
    update: { value: 'excluded.value' },
  })
}

function toRecord(rows: readonly { key: string; value: string }[] = []): Record<string, string> {
  return Object.fromEntries(rows.map(({ key, value }) => [key, value]))
}

export function loggedModelFromRow(row: LoggedModelRow): LoggedModel {
  return {
    id: row.id,
    experimentId: String(row.experiment_id),
    name: row.name,
    modelType: row.model_type,
    sourceRun: row.source_run_id,
    artifactUri: row.artifact_uri,
    status: row.status as LoggedModelStatus,
    statusMessage: row.status_message,
    lifecycleStage: row.lifecycle_stage as LifecycleStage,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    deletedAt: row.deleted_at,
  }
}
