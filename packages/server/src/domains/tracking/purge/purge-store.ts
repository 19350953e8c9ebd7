import type { Kysely } from 'kysely'
import { removeEdits } from '../../notes/index.ts'
import { removePending } from '../pending-metrics.ts'
import type { Purge, PurgedKind, PurgeTables } from './purge-service.ts'

type Db = Kysely<PurgeTables>

/** Ids, in order, of the runs or logged models that were deleted before. */
export async function listExpired(
  db: Db,
  kind: PurgedKind,
  before: number,
  { after = '', limit }: { after?: string; limit: number },
): Promise<Purge[]> {
  const columns = ['id', 'artifact_uri', 'experiment_id'] as const
  const rows =
    kind === 'run'
      ? await expiredRuns(db, before)
          .select(columns)
          .where('id', '>', after)
          .orderBy('id')
          .limit(limit)
          .execute()
      : await expiredModels(db, before)
          .select(columns)
          .where('id', '>', after)
          .orderBy('id')
          .limit(limit)
          .execute()
  return rows.map(({ id, artifact_uri, experiment_id }) => ({
    kind,
    id,
    artifactUri: artifact_uri,
    experiment: String(experiment_id),
  }))
}

function expiredRuns(db: Db, before: number) {
  return db.selectFrom('runs').where('lifecycle_stage', '=', 'deleted').where('deleted_at', '<', before)
}

function expiredModels(db: Db, before: number) {
  return db
    .selectFrom('logged_models')
    .where((e) =>
      e.or([
        e.and([e('lifecycle_stage', '=', 'deleted'), e('deleted_at', '<', before)]),
        e('experiment_id', 'in', expiredExperiments(db, before)),
      ]),
    )
}

function expiredExperiments(db: Db, before: number) {
  return db
    .selectFrom('experiments')
    .select('id')
    .where('lifecycle_stage', '=', 'deleted')
    .where('deleted_at', '<', before)
}

export async function findPurges(db: Db): Promise<Purge[]> {
  const rows = await db.selectFrom('purges').selectAll().orderBy('kind').orderBy('id').execute()
  return rows.map(({ kind, id, artifact_uri, experiment_id }) => ({
    kind: kind as PurgedKind,
    id,
    artifactUri: artifact_uri,
    experiment: String(experiment_id),
  }))
}

export async function listModelsOfRuns(db: Db, runs: readonly string[]) {
  if (runs.length === 0) return []
  const rows = await db
    .selectFrom('logged_models')
    .select(['id', 'source_run_id'])
    .where('source_run_id', 'in', runs)
    .execute()
  return rows.flatMap(({ id, source_run_id }) => (source_run_id ? [{ run: source_run_id, model: id }] : []))
}

/** The row that makes it exist; false if it is not, or no longer, expired. */
export async function removeOwner(trx: Db, { kind, id }: Purge, before: number): Promise<boolean> {
  const found =
    kind === 'run'
      ? await expiredRuns(trx, before).select('id').where('id', '=', id).executeTakeFirst()
      : await expiredModels(trx, before).select('id').where('id', '=', id).executeTakeFirst()
  if (!found) return false
  await trx
    .deleteFrom(kind === 'run' ? 'runs' : 'logged_models')
    .where('id', '=', id)
    .execute()
  return true
}

const runTables = [
  'run_params',
  'run_tags',
  'run_latest_metrics',
  'run_metrics',
  'metric_rollups',
  'run_inputs',
  'run_input_tags',
  'run_model_inputs',
  'run_model_outputs',
] as const

const modelTables = [
  'logged_model_params',
  'logged_model_tags',
  'logged_model_metrics',
  'run_model_inputs',
  'run_model_outputs',
] as const

/** Statement by statement, so that writers never wait long; the mark that it has begun goes last. */
export async function removeData(db: Db, { kind, id }: Purge): Promise<void> {
  if (kind === 'run') {
    await removePending(db, id)
    const series = await db.selectFrom('run_latest_metrics').select('key').where('run_id', '=', id).execute()
    for (const { key } of series) {
      await db.deleteFrom('run_metrics').where('run_id', '=', id).where('key', '=', key).execute()
    }
    for (const table of runTables) await db.deleteFrom(table).where('run_id', '=', id).execute()
    await removeEdits(db, { kind: 'run', id })
  } else {
    for (const table of modelTables) await db.deleteFrom(table).where('model_id', '=', id).execute()
  }
  await db.deleteFrom('purges').where('kind', '=', kind).where('id', '=', id).execute()
}

/** Without the newest experiment, whose number would be given out again. */
function oldExpired(db: Db, before: number) {
  return expiredExperiments(db, before).where('id', '<', (e) =>
    e.selectFrom('experiments as all').select((s) => s.fn.max('all.id').as('last')),
  )
}

export async function listExpiredExperiments(db: Db, before: number): Promise<string[]> {
  const rows = await oldExpired(db, before).orderBy('id').execute()
  return rows.map(({ id }) => String(id))
}

export async function removeExperiment(trx: Db, id: string, before: number): Promise<boolean> {
  const found = await oldExpired(trx, before)
    .where('id', '=', Number(id))
    .where('id', 'not in', (e) => e.selectFrom('runs').select('experiment_id'))
    .where('id', 'not in', (e) => e.selectFrom('logged_models').select('experiment_id'))
    .executeTakeFirst()
  if (!found) return false
  for (const table of ['experiment_tags', 'datasets_logged'] as const) {
    await trx.deleteFrom(table).where('experiment_id', '=', found.id).execute()
  }
  await removeEdits(trx, { kind: 'experiment', id })
  await trx.deleteFrom('experiments').where('id', '=', found.id).execute()
  return true
}
