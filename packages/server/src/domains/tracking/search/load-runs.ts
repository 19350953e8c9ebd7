import { loadInputs } from '../input-store.ts'
import type { RunDetail } from '../run.ts'
import { runGroupTag } from '../run-group.ts'
import { groupByRun, groupOf, metricFromRow, runFromRow } from '../run-store.ts'
import type { Db } from '../tables.ts'

/** The keys of which values are wanted; all without a list. */
export interface KeyProjection {
  metrics?: readonly string[]
  params?: readonly string[]
  tags?: readonly string[]
}

/** Runs of one statement: their rows are taken over in one turn of the event loop, some milliseconds. */
const runsPerQuery = 250

/** These runs with all that belongs to them, in this order: one query for each table and few hundred runs. */
export async function loadRuns(
  db: Db,
  ids: readonly string[],
  keys: KeyProjection = {},
): Promise<RunDetail[]> {
  const details: RunDetail[] = []
  for (let i = 0; i < ids.length; i += runsPerQuery) {
    details.push(...(await loadSome(db, ids.slice(i, i + runsPerQuery), keys)))
  }
  return details
}

async function loadSome(db: Db, ids: readonly string[], keys: KeyProjection): Promise<RunDetail[]> {
  const [rows, params, tags, metrics, inputs] = await Promise.all([
    db.selectFrom('runs').selectAll().where('id', 'in', ids).execute(),
    entriesOf(db, 'run_params', ids, keys.params),
    entriesOf(db, 'run_tags', ids, keys.tags && [...keys.tags, runGroupTag]),
    metricsOf(db, ids, keys.metrics),
    loadInputs(db, ids),
  ])
  const runs = new Map(rows.map((row) => [row.id, runFromRow(row)]))
  const [paramsByRun, tagsByRun] = [groupByRun(params), groupByRun(tags)]
  const metricsByRun = groupByRun(metrics)
  const record = (entries: readonly { key: string; value: string }[] = []) =>
    Object.fromEntries(entries.map(({ key, value }) => [key, value]))
  return ids.flatMap((id): RunDetail[] => {
    const run = runs.get(id)
    // Deleted for good since it was found.
    if (!run) return []
    const ownTags = tagsByRun.get(id)
    return [
      {
        ...run,
        group: groupOf(ownTags),
        params: record(paramsByRun.get(id)),
        tags: record(keys.tags ? ownTags?.filter(({ key }) => keys.tags?.includes(key)) : ownTags),
        metrics: (metricsByRun.get(id) ?? []).map(metricFromRow),
        inputs: inputs.datasets.get(id) ?? [],
        modelInputs: inputs.modelInputs.get(id) ?? [],
        modelOutputs: inputs.modelOutputs.get(id) ?? [],
      },
    ]
  })
}

async function entriesOf(
  db: Db,
  table: 'run_params' | 'run_tags',
  ids: readonly string[],
  keys: readonly string[] | undefined,
) {
  if (keys?.length === 0) return []
  let query = db.selectFrom(table).selectAll().where('run_id', 'in', ids)
  if (keys) query = query.where('key', 'in', keys)
  return query.orderBy('run_id').orderBy('key').execute()
}

async function metricsOf(db: Db, ids: readonly string[], keys: readonly string[] | undefined) {
  if (keys?.length === 0) return []
  let query = db
    .selectFrom('run_latest_metrics')
    .select(['run_id', 'key', 'at', 'step', 'value', 'special'])
    .where('run_id', 'in', ids)
  if (keys) query = query.where('key', 'in', keys)
  return query.orderBy('run_id').orderBy('key').execute()
}
