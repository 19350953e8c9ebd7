import type { PipelineDefinition } from '@millrace/protocol'
import type { Kysely, Selectable, Updateable } from 'kysely'
import type { TaskError, TaskProgress } from '../../ports/executor.ts'
import type { PlannedStep } from './plan.ts'
import type { AttemptState, PipelineRun, RunState, RunStep, StepAttempt, StepState } from './run.ts'
import { upstreamOf } from './validate.ts'

export interface PipelineTables {
  pipeline_runs: {
    id: string
    request_id: string | null
    pipeline: string
    definition_version: string
    definition: string
    params: string
    reason: string | null
    started_by: string
    state: RunState
    /** The control plane that carries the run forward; all others keep off. */
    owner: string
    cancel_requested: number
    started_at: number
    finished_at: number | null
    /** What others were told: 0 nothing, 1 that it started, 2 that it ended. */
    announced: number
  }
  pipeline_steps: {
    run_id: string
    node: string
    position: number
    state: StepState
    /** The fencing token: only the holder of the current attempt may write its end. */
    attempt: number
    failures: number
    lease_owner: string | null
    task_reference: string | null
    retry_at: number | null
    started_at: number | null
    finished_at: number | null
    progress: string | null
    outputs: string | null
    error: string | null
    skipped: string | null
  }
  pipeline_attempts: {
    run_id: string
    node: string
    attempt: number
    state: AttemptState
    started_at: number
    finished_at: number | null
    error: string | null
  }
  pipeline_logs: {
    run_id: string
    log_offset: number
    node: string
    attempt: number
    at: number
    line: string
  }
}

export type Db = Kysely<PipelineTables>
export type StepRow = Selectable<PipelineTables['pipeline_steps']>
export type StepPatch = Updateable<PipelineTables['pipeline_steps']>

export interface StoredRun {
  run: PipelineRun
  definition: PipelineDefinition
  announced: number
  owner: string
}

export interface RunFilter {
  pipeline?: string
  state?: RunState
  /** Only runs with a smaller id, i.e. older ones. */
  before?: string
  limit: number
}

export async function insertRun(
  db: Db,
  { run, definition, owner }: Omit<StoredRun, 'announced'>,
): Promise<void> {
  await db
    .insertInto('pipeline_runs')
    .values({
      id: run.id,
      request_id: run.requestId,
      pipeline: run.pipeline,
      definition_version: run.definitionVersion,
      definition: JSON.stringify(definition),
      params: JSON.stringify(run.params),
      reason: run.reason,
      started_by: run.startedBy,
      state: run.state,
      owner,
      cancel_requested: 0,
      started_at: run.startedAt,
      finished_at: null,
      announced: 0,
    })
    .execute()
  const steps = definition.nodes.map((node, position) => ({
    run_id: run.id,
    node: node.id,
    position,
    state: 'pending' as const,
    attempt: 0,
    failures: 0,
  }))
  // In parts: databases bound the number of values of one statement.
  for (let i = 0; i < steps.length; i += 200) {
    await db
      .insertInto('pipeline_steps')
      .values(steps.slice(i, i + 200))
      .execute()
  }
}

export async function findRun(db: Db, id: string): Promise<StoredRun | undefined> {
  const row = await db.selectFrom('pipeline_runs').selectAll().where('id', '=', id).executeTakeFirst()
  return row && fromRow(row)
}

export async function findRunByRequest(db: Db, requestId: string): Promise<StoredRun | undefined> {
  const row = await db
    .selectFrom('pipeline_runs')
    .selectAll()
    .where('request_id', '=', requestId)
    .executeTakeFirst()
  return row && fromRow(row)
}

export async function listRunRows(db: Db, filter: RunFilter): Promise<PipelineRun[]> {
  let query = db.selectFrom('pipeline_runs').selectAll().orderBy('id', 'desc').limit(filter.limit)
  if (filter.pipeline !== undefined) query = query.where('pipeline', '=', filter.pipeline)
  if (filter.state !== undefined) query = query.where('state', '=', filter.state)
  if (filter.before !== undefined) query = query.where('id', '<', filter.before)
  return (await query.execute()).map((row) => fromRow(row).run)
}

/** Ids of the runs that still go on or whose end was not announced, oldest first. */
export async function listOpenRuns(db: Db): Promise<string[]> {
  const rows = await db
    .selectFrom('pipeline_runs')
    .select('id')
    .where((where) => where.or([where('state', '=', 'running'), where('announced', '<', 2)]))
    .orderBy('id')
    .execute()
  return rows.map((row) => row.id)
}

export async function updateRun(
  db: Db,
  id: string,
  patch: Updateable<PipelineTables['pipeline_runs']>,
): Promise<void> {
  await db.updateTable('pipeline_runs').set(patch).where('id', '=', id).execute()
}

export async function listStepRows(db: Db, run: string): Promise<StepRow[]> {
  return db.selectFrom('pipeline_steps').selectAll().where('run_id', '=', run).orderBy('position').execute()
}

export async function updateSteps(
  db: Db,
  which: { run: string; node?: string; states?: readonly StepState[] },
  patch: StepPatch,
): Promise<void> {
  let query = db.updateTable('pipeline_steps').set(patch).where('run_id', '=', which.run)
  if (which.node !== undefined) query = query.where('node', '=', which.node)
  if (which.states) query = query.where('state', 'in', which.states)
  await query.execute()
}

export async function insertAttempt(
  db: Db,
  attempt: { run: string; node: string; attempt: number; startedAt: number },
): Promise<void> {
  await db
    .insertInto('pipeline_attempts')
    .values({
      run_id: attempt.run,
      node: attempt.node,
      attempt: attempt.attempt,
      state: 'running',
      started_at: attempt.startedAt,
    })
    .execute()
}

export async function finishAttempt(
  db: Db,
  which: { run: string; node: string; attempt: number },
  end: { state: AttemptState; finishedAt: number; error?: TaskError },
): Promise<void> {
  await db
    .updateTable('pipeline_attempts')
    .set({
      state: end.state,
      finished_at: end.finishedAt,
      error: end.error ? JSON.stringify(end.error) : null,
    })
    .where('run_id', '=', which.run)
    .where('node', '=', which.node)
    .where('attempt', '=', which.attempt)
    .execute()
}

export async function listAttempts(db: Db, run: string): Promise<Map<string, StepAttempt[]>> {
  const rows = await db
    .selectFrom('pipeline_attempts')
    .selectAll()
    .where('run_id', '=', run)
    .orderBy('attempt')
    .execute()
  const attempts = new Map<string, StepAttempt[]>()
  for (const row of rows) {
    const list = attempts.get(row.node) ?? []
    attempts.set(row.node, list)
    list.push({
      attempt: row.attempt,
      state: row.state,
      startedAt: row.started_at,
      finishedAt: row.finished_at,
      error: parse(row.error),
    })
  }
  return attempts
}

export function toPlanned(rows: readonly StepRow[]): Map<string, PlannedStep> {
  return new Map(
    rows.map((row) => [row.node, { state: row.state, outputs: parse(row.outputs), retryAt: row.retry_at }]),
  )
}

export function toRunStep(
  row: StepRow,
  definition: PipelineDefinition,
  attempts: Map<string, StepAttempt[]>,
): RunStep {
  const node = definition.nodes[row.position]
  return {
    node: row.node,
    step: node?.step ?? '',
    state: row.state,
    attempt: row.attempt,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    retryAt: row.retry_at,
    progress: parse<TaskProgress>(row.progress),
    outputs: parse(row.outputs),
    error: parse(row.error),
    skipped: row.skipped,
    needs: node ? upstreamOf(node) : [],
    attempts: attempts.get(row.node) ?? [],
  }
}

function parse<T>(json: string | null): T | null {
  return json === null ? null : (JSON.parse(json) as T)
}

function fromRow(row: Selectable<PipelineTables['pipeline_runs']>): StoredRun {
  return {
    run: {
      id: row.id,
      pipeline: row.pipeline,
      definitionVersion: row.definition_version,
      params: JSON.parse(row.params),
      state: row.state,
      reason: row.reason,
      startedBy: row.started_by,
      requestId: row.request_id,
      cancelRequested: row.cancel_requested === 1,
      startedAt: row.started_at,
      finishedAt: row.finished_at,
    },
    definition: JSON.parse(row.definition) as PipelineDefinition,
    announced: row.announced,
    owner: row.owner,
  }
}
