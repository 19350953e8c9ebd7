import type { Kysely } from 'kysely'
import type { Experiment, Run, RunStatus } from './run.ts'

interface RunRow {
  id: string
  experiment_id: number
  name: string
  status: string
  idempotency_key: string | null
  started_at: number
  ended_at: number | null
}

interface EntryRow {
  run_id: string
  key: string
  value: string
}

export interface MetricRow {
  run_id: string
  key: string
  at: number
  step: number
  value: number
  special: string
}

export interface TrackingTables {
  experiments: { id: number; name: string; created_at: number }
  runs: RunRow
  run_params: EntryRow
  run_tags: EntryRow
  run_metrics: MetricRow
  run_latest_metrics: MetricRow
}

export type Db = Kysely<TrackingTables>
type Range = { offset: number; limit: number }

export async function findExperiment(db: Db, by: { id: string } | { name: string }) {
  if ('id' in by && !/^\d{1,15}$/.test(by.id)) return undefined
  const query = db.selectFrom('experiments').selectAll()
  const row = await ('id' in by
    ? query.where('id', '=', Number(by.id))
    : query.where('name', '=', by.name)
  ).executeTakeFirst()
  return row && experimentFromRow(row)
}

/** Call it in a transaction: the next number is read before it is used. */
export async function addExperiment(db: Db, name: string, now: number): Promise<Experiment> {
  const { last } = await db
    .selectFrom('experiments')
    .select((e) => e.fn.max('id').as('last'))
    .executeTakeFirstOrThrow()
  const row = { id: Number(last ?? 0) + 1, name, created_at: now }
  await db.insertInto('experiments').values(row).execute()
  return experimentFromRow(row)
}

/** Newest first. */
export async function listExperiments(db: Db, range: Range): Promise<Experiment[]> {
  const query = db.selectFrom('experiments').selectAll().orderBy('id', 'desc')
  return (await query.offset(range.offset).limit(range.limit).execute()).map(experimentFromRow)
}

export async function findRun(db: Db, by: { id: string } | { key: string }): Promise<Run | undefined> {
  const query = db.selectFrom('runs').selectAll()
  const row = await ('id' in by
    ? query.where('id', '=', by.id)
    : query.where('idempotency_key', '=', by.key)
  ).executeTakeFirst()
  return row && runFromRow(row)
}

export async function addRun(db: Db, run: Run, key: string | undefined): Promise<void> {
  await db
    .insertInto('runs')
    .values({
      id: run.id,
      experiment_id: Number(run.experimentId),
      name: run.name,
      status: run.status,
      idempotency_key: key ?? null,
      started_at: run.startedAt,
      ended_at: run.endedAt,
    })
    .execute()
}

export async function setRunStatus(db: Db, id: string, to: { status: RunStatus; endedAt: number | null }) {
  await db.updateTable('runs').set({ status: to.status, ended_at: to.endedAt }).where('id', '=', id).execute()
}

/** Newest first. */
export async function listRuns(db: Db, experimentId: string | undefined, range: Range): Promise<Run[]> {
  let query = db.selectFrom('runs').selectAll().orderBy('started_at', 'desc').orderBy('id', 'desc')
  if (experimentId !== undefined) query = query.where('experiment_id', '=', Number(experimentId))
  return (await query.offset(range.offset).limit(range.limit).execute()).map(runFromRow)
}

function experimentFromRow(row: TrackingTables['experiments']): Experiment {
  return { id: String(row.id), name: row.name, createdAt: row.created_at }
}

function runFromRow(row: RunRow): Run {
  return {
    id: row.id,
    experimentId: String(row.experiment_id),
    name: row.name,
    status: row.status as RunStatus,
    startedAt: row.started_at,
    endedAt: row.ended_at,
  }
}
