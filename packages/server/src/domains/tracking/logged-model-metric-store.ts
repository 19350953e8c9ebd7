import { fail } from '@millrace/protocol'
import type { Database } from '../../ports/database.ts'
import type { LoggedModelMetric } from './logged-model.ts'
import { type LoggedMetric, toStored } from './metric.ts'
import { metricFromRow } from './run-store.ts'
import type { Db, LoggedModelMetricRow } from './tables.ts'

/**
 * Stores the metrics that name a logged model on it, too.
 * @throws `logged_model.not_found`
 */
export async function addModelMetrics(
  db: Database,
  trx: Db,
  run: string,
  metrics: readonly LoggedMetric[],
): Promise<void> {
  const rows = metrics.flatMap(({ model, dataset, key, at, step, value }) => {
    if (model === undefined) return []
    const stored = toStored(value)
    return [
      [model, run, key, at, step, stored.value, stored.special, dataset?.name ?? '', dataset?.digest ?? ''],
    ]
  })
  if (rows.length === 0) return
  const models = [...new Set(rows.map(([model]) => String(model)))]
  const found = await trx
    .selectFrom('logged_models')
    .select('id')
    .where('id', 'in', models)
    .where('lifecycle_stage', '=', 'active')
    .execute()
  const known = new Set(found.map(({ id }) => id))
  const missing = models.find((id) => !known.has(id))
  if (missing !== undefined) throw fail('logged_model.not_found', { model: missing })
  rows.sort((a, b) => (a.slice(0, 3).join('\0') < b.slice(0, 3).join('\0') ? -1 : 1))
  await db.insertMany(trx, {
    table: 'logged_model_metrics',
    columns: {
      model_id: 'text',
      run_id: 'text',
      key: 'text',
      at: 'bigint',
      step: 'bigint',
      value: 'double precision',
      special: 'text',
      dataset_name: 'text',
      dataset_digest: 'text',
    },
    rows,
    key: ['model_id', 'key', 'run_id', 'dataset_name', 'dataset_digest', 'at', 'step', 'value', 'special'],
  })
}

/** The latest value (by step, then time) of each key, run and dataset of the models, by model id. */
export async function listModelMetrics(
  db: Db,
  models: readonly string[],
): Promise<Map<string, LoggedModelMetric[]>> {
  if (models.length === 0) return new Map()
  const rows = await db
    .selectFrom('logged_model_metrics as m')
    .selectAll('m')
    .where('m.model_id', 'in', models)
    .where((e) =>
      e.not(
        e.exists(
          e
            .selectFrom('logged_model_metrics as n')
            .select('n.key')
            .whereRef('n.model_id', '=', 'm.model_id')
            .whereRef('n.key', '=', 'm.key')
            .whereRef('n.run_id', '=', 'm.run_id')
            .whereRef('n.dataset_name', '=', 'm.dataset_name')
            .whereRef('n.dataset_digest', '=', 'm.dataset_digest')
            .where((f) =>
              f.or([
                f('n.step', '>', f.ref('m.step')),
                f.and([f('n.step', '=', f.ref('m.step')), f('n.at', '>', f.ref('m.at'))]),
              ]),
            ),
        ),
      ),
    )
    .orderBy('m.model_id')
    .orderBy('m.key')
    .orderBy('m.run_id')
    .orderBy('m.dataset_name')
    .orderBy('m.dataset_digest')
    .execute()
  const byModel = new Map<string, LoggedModelMetric[]>()
  for (const [model, own] of Map.groupBy(rows, ({ model_id }) => model_id))
    byModel.set(model, own.map(fromRow))
  return byModel
}

function fromRow(row: LoggedModelMetricRow): LoggedModelMetric {
  const { dataset_name: name, dataset_digest: digest } = row
  return { ...metricFromRow(row), run: row.run_id, dataset: name === '' ? null : { name, digest } }
}
