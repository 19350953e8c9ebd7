import { fail } from '@millrace/protocol'
import { fromStored, isLater, type Metric, toStored } from './metric.ts'
import type { Db, MetricRow } from './store.ts'

/** Rows of one INSERT: engines bound the number of values in a statement. */
const rowsPerInsert = 1000

export async function listEntries(db: Db, table: 'run_params' | 'run_tags', run: string) {
  const rows = await db.selectFrom(table).selectAll().where('run_id', '=', run).orderBy('key').execute()
  return Object.fromEntries(rows.map(({ key, value }) => [key, value]))
}

/** @throws `run.param_conflict` for a parameter that has another value already */
export async function addParams(db: Db, run: string, params: Record<string, string>): Promise<void> {
  const existing = await listEntries(db, 'run_params', run)
  const rows: { run_id: string; key: string; value: string }[] = []
  for (const [key, value] of Object.entries(params)) {
    if (!Object.hasOwn(existing, key)) rows.push({ run_id: run, key, value })
    else if (existing[key] !== value) {
      throw fail('run.param_conflict', { run, key, existing: JSON.stringify(existing[key]), value })
    }
  }
  if (rows.length > 0) await db.insertInto('run_params').values(rows).execute()
}

export async function setTags(db: Db, run: string, tags: Record<string, string>): Promise<void> {
  const rows = Object.entries(tags).map(([key, value]) => ({ run_id: run, key, value }))
  if (rows.length === 0) return
  await db
    .insertInto('run_tags')
    .values(rows)
    .onConflict((c) =>
      c.columns(['run_id', 'key']).doUpdateSet((eb) => ({ value: eb.ref('excluded.value') })),
    )
    .execute()
}

/** Adds values to the history, exact repeats once, and moves the latest values on. */
export async function addMetrics(db: Db, run: string, metrics: readonly Metric[]): Promise<void> {
  if (metrics.length === 0) return
  const rows = metrics.map((metric) => toRow(run, metric))
  for (let i = 0; i < rows.length; i += rowsPerInsert) {
    await db
      .insertInto('run_metrics')
      .values(rows.slice(i, i + rowsPerInsert))
      .onConflict((c) => c.columns(['run_id', 'key', 'at', 'step', 'value', 'special']).doNothing())
      .execute()
  }
  const latest = new Map((await listLatestMetrics(db, run)).map((metric) => [metric.key, metric]))
  const moved = new Map<string, Metric>()
  for (const metric of metrics) {
    const before = moved.get(metric.key) ?? latest.get(metric.key)
    if (!before || isLater(metric, before)) moved.set(metric.key, metric)
  }
  const changed = [...moved.values()].map((metric) => toRow(run, metric))
  for (let i = 0; i < changed.length; i += rowsPerInsert) {
    await db
      .insertInto('run_latest_metrics')
      .values(changed.slice(i, i + rowsPerInsert))
      .onConflict((c) =>
        c.columns(['run_id', 'key']).doUpdateSet((eb) => ({
          at: eb.ref('excluded.at'),
          step: eb.ref('excluded.step'),
          value: eb.ref('excluded.value'),
          special: eb.ref('excluded.special'),
        })),
      )
      .execute()
  }
}

export async function listLatestMetrics(db: Db, run: string): Promise<Metric[]> {
  const query = db.selectFrom('run_latest_metrics').selectAll().where('run_id', '=', run)
  return (await query.orderBy('key').execute()).map(fromRow)
}

/** Oldest step first. */
export async function listMetricHistory(
  db: Db,
  { run, key }: { run: string; key: string },
  range: { offset: number; limit: number },
): Promise<Metric[]> {
  const rows = await db
    .selectFrom('run_metrics')
    .selectAll()
    .where('run_id', '=', run)
    .where('key', '=', key)
    .orderBy('step')
    .orderBy('at')
    .orderBy('value')
    .orderBy('special')
    .offset(range.offset)
    .limit(range.limit)
    .execute()
  return rows.map(fromRow)
}

function toRow(run: string, { key, value, at, step }: Metric): MetricRow {
  return { run_id: run, key, at, step, ...toStored(value) }
}

function fromRow(row: MetricRow): Metric {
  return { key: row.key, value: fromStored(row), at: row.at, step: row.step }
}
