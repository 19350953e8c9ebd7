import type { Kysely } from 'kysely'
import type { Decision, DecisionAction, JudgedWindow, PastDecision } from './policy.ts'

export interface MonitoringTables {
  monitor_windows: {
    monitor: string
    window_start: number
    window_end: number
    revision: number
    final: number
    body: string
    evaluated_at: number
  }
  monitor_decisions: {
    monitor: string
    window_start: number
    decided_for: number
    action: string
    reason: string
    evidence: string
    pipeline_run: string | null
    outcome: string | null
    decided_at: number
  }
}

type Db = Kysely<MonitoringTables>

export interface StoredWindow extends JudgedWindow {
  /** Counts the evaluations: a window changes while its labels arrive. */
  revision: number
  /** No further label is waited for. */
  final: boolean
  evaluatedAt: number
}

export interface StoredDecision extends Decision {
  windowStart: number
  decidedFor: number
  evidence: Record<string, unknown>
  pipelineRun: string | null
  outcome: PastDecision['outcome']
  decidedAt: number
}

export async function listWindows(
  db: Db,
  monitor: string,
  range: { from?: number; limit?: number } = {},
): Promise<StoredWindow[]> {
  let query = db
    .selectFrom('monitor_windows')
    .selectAll()
    .where('monitor', '=', monitor)
    .where('window_start', '>=', range.from ?? Number.MIN_SAFE_INTEGER)
    .orderBy('window_start')
  if (range.limit !== undefined) query = query.limit(range.limit)
  return (await query.execute()).map((row) => ({
    ...(JSON.parse(row.body) as JudgedWindow),
    revision: row.revision,
    final: row.final === 1,
    evaluatedAt: row.evaluated_at,
  }))
}

export async function saveWindow(db: Db, monitor: string, window: StoredWindow): Promise<void> {
  const { revision, final, evaluatedAt, ...judged } = window
  const row = {
    window_end: window.end,
    revision,
    final: final ? 1 : 0,
    body: JSON.stringify(judged),
    evaluated_at: evaluatedAt,
  }
  await db
    .insertInto('monitor_windows')
    .values({ monitor, window_start: window.start, ...row })
    .onConflict((c) => c.columns(['monitor', 'window_start']).doUpdateSet(row))
    .execute()
}

export async function listDecisions(db: Db, monitor: string): Promise<StoredDecision[]> {
  const rows = await db
    .selectFrom('monitor_decisions')
    .selectAll()
    .where('monitor', '=', monitor)
    .orderBy('window_start')
    .execute()
  return rows.map((row) => ({
    windowStart: row.window_start,
    decidedFor: row.decided_for,
    action: row.action as DecisionAction,
    reason: row.reason,
    evidence: JSON.parse(row.evidence) as Record<string, unknown>,
    pipelineRun: row.pipeline_run,
    outcome: row.outcome as PastDecision['outcome'],
    decidedAt: row.decided_at,
  }))
}

/** False if the window has its decision already: a decision is made once. */
export async function addDecision(db: Db, monitor: string, decision: StoredDecision): Promise<boolean> {
  const result = await db
    .insertInto('monitor_decisions')
    .values({
      monitor,
      window_start: decision.windowStart,
      decided_for: decision.decidedFor,
      action: decision.action,
      reason: decision.reason,
      evidence: JSON.stringify(decision.evidence),
      pipeline_run: decision.pipelineRun,
      outcome: decision.outcome,
      decided_at: decision.decidedAt,
    })
    .onConflict((c) => c.columns(['monitor', 'window_start']).doNothing())
    .executeTakeFirst()
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n
}

export async function setPipelineRun(db: Db, at: { monitor: string; windowStart: number }, run: string) {
  await db
    .updateTable('monitor_decisions')
    .set({ pipeline_run: run })
    .where('monitor', '=', at.monitor)
    .where('window_start', '=', at.windowStart)
    .execute()
}

export async function setOutcome(db: Db, run: string, outcome: NonNullable<PastDecision['outcome']>) {
  await db.updateTable('monitor_decisions').set({ outcome }).where('pipeline_run', '=', run).execute()
}
