import type { LifecycleStage } from './experiment.ts'
import { loadInputs } from './input-store.ts'
import { fromStored, type Metric } from './metric.ts'
import type { Run, RunDetail, RunListFilter, RunStatus } from './run.ts'
import { runGroupTag } from './run-group.ts'
import type { Db, MetricRow, RunRow } from './tables.ts'

export async function findRun(db: Db, by: { id: string } | { key: string }): Promise<Run | undefined> {
  const query = db.selectFrom('runs').selectAll()
  const row = await ('id' in by
    ? query.where('id', '=', by.id)
    : query.where('idempotency_key', '=', by.key)
  ).executeTakeFirst()
  return row && runFromRow(row)
}

export async function findRuns(db: Db, ids: readonly string[]): Promise<Run[]> {
  if (ids.length === 0) return []
  return (await db.selectFrom('runs').selectAll().where('id', 'in', ids).execute()).map(runFromRow)
}

export async function addRun(db: Db, run: Run, key: string | undefined): Promise<void> {
  await db
    .insertInto('runs')
    .values({
      id: run.id,
      experiment_id: Number(run.experimentId),
      name: run.name,
      user_id: run.user,
      status: run.status,
      lifecycle_stage: run.lifecycleStage,
      artifact_uri: run.artifactUri,
      idempotency_key: key ?? null,
      started_at: run.startedAt,
      ended_at: run.endedAt,
      deleted_at: run.deletedAt,
    })
    .execute()
}

export async function changeRun(
  db: Db,
  id: string,
  change: Partial<Pick<RunRow, 'name' | 'status' | 'ended_at' | 'lifecycle_stage' | 'deleted_at'>>,
): Promise<void> {
  if (Object.keys(change).length === 0) return
  await db.updateTable('runs').set(change).where('id', '=', id).execute()
}

/** Newest first. */
export async function listRuns(
  db: Db,
  { experiment, view, group }: RunListFilter,
  range: { offset: number; limit: number },
): Promise<Run[]> {
  let query = db.selectFrom('runs').selectAll().orderBy('started_at', 'desc').orderBy('id', 'desc')
  if (experiment !== undefined) query = query.where('experiment_id', '=', Number(experiment))
  if (view !== 'all') query = query.where('lifecycle_stage', '=', view ?? 'active')
  if (group !== undefined) {
    query = query.where('id', 'in', (e) =>
      e.selectFrom('run_tags').select('run_id').where('key', '=', runGroupTag).where('value', '=', group),
    )
  }
  return (await query.offset(range.offset).limit(range.limit).execute()).map(runFromRow)
}

/** Everything about these runs, with one query for each kind and not for each run. */
export async function loadRunDetails(db: Db, runs: readonly Run[]): Promise<RunDetail[]> {
  const ids = runs.map(({ id }) => id)
  if (ids.length === 0) return []
  const entriesOf = (table: 'run_params' | 'run_tags') =>
    db.selectFrom(table).selectAll().where('run_id', 'in', ids).orderBy('run_id').orderBy('key').execute()
  const [params, tags, metrics, inputs] = await Promise.all([
    entriesOf('run_params'),
    entriesOf('run_tags'),
    db
      .selectFrom('run_latest_metrics')
      .select(['run_id', 'key', 'at', 'step', 'value', 'special'])
      .where('run_id', 'in', ids)
      .orderBy('run_id')
      .orderBy('key')
      .execute(),
    loadInputs(db, ids),
  ])
  const paramsOf = groupByRun(params)
  const tagsOf = groupByRun(tags)
  const metricsOf = groupByRun(metrics)
  return runs.map((run) => ({
    ...run,
    group: groupOf(tagsOf.get(run.id)),
    params: toRecord(paramsOf.get(run.id)),
    tags: toRecord(tagsOf.get(run.id)),
    metrics: (metricsOf.get(run.id) ?? []).map(metricFromRow),
    inputs: inputs.datasets.get(run.id) ?? [],
    modelInputs: inputs.modelInputs.get(run.id) ?? [],
    modelOutputs: inputs.modelOutputs.get(run.id) ?? [],
  }))
}

export function groupByRun<Row extends { run_id: string }>(rows: readonly Row[]): Map<string, Row[]> {
  return Map.groupBy(rows, ({ run_id }) => run_id)
}

export function groupOf(tags: readonly { key: string; value: string }[] = []): string | null {
  return tags.find(({ key }) => key === runGroupTag)?.value ?? null
}

function toRecord(rows: readonly { key: string; value: string }[] = []): Record<string, string> {
  return Object.fromEntries(rows.map(({ key, value }) => [key, value]))
}

export function metricFromRow(row: Omit<MetricRow, 'run_id'>): Metric {
  return { key: row.key, value: fromStored(row), at: row.at, step: row.step }
}

export function runFromRow(row: RunRow): Run {
  return {
    id: row.id,
    experimentId: String(row.experiment_id),
    name: row.name,
    user: row.user_id,
    status: row.status as RunStatus,
    lifecycleStage: row.lifecycle_stage as LifecycleStage,
    artifactUri: row.artifact_uri,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    deletedAt: row.deleted_at,
  }
}
