import { randomUUID } from 'node:crypto'
import type { Outcome } from '../move/target.ts'
import type { StoredDataset, StoredLoggedModel, StoredMetric, StoredRun } from '../store.ts'
import type { SqliteWriter } from './sqlite-writer.ts'

/** Of several writes to one thing: it is new if its own row was, changed if anything was. */
export function outcomeOf(own: Outcome, parts: readonly (Outcome | boolean)[]): Outcome {
  if (own !== 'unchanged') return own
  return parts.some((part) => part !== 'unchanged' && part !== false) ? 'changed' : 'unchanged'
}

/** A run with its entries and links, but without metrics. */
export function writeRun(db: SqliteWriter, run: StoredRun, experiment: number, artifactUri: string): Outcome {
  const own = db.put(
    'runs',
    { run_uuid: run.id },
    {
      experiment_id: experiment,
      name: run.name,
      source_type: 'UNKNOWN',
      source_name: '',
      entry_point_name: '',
      source_version: '',
      user_id: run.user ?? '',
      status: run.status,
      start_time: run.startedAt,
      end_time: run.endedAt,
      lifecycle_stage: run.lifecycle,
      deleted_time: run.lifecycle === 'deleted' ? (run.deletedAt ?? run.endedAt ?? run.startedAt) : null,
      artifact_uri: artifactUri,
    },
  )
  const id = { run_uuid: run.id }
  return outcomeOf(own, [
    ...Object.entries(run.params).map(([key, value]) => db.put('params', { key, ...id }, { value })),
    ...Object.entries(run.tags).map(([key, value]) => db.put('tags', { key, ...id }, { value })),
    ...run.datasets.map((dataset) => writeDataset(db, dataset, { run: run.id, experiment })),
    ...run.modelInputs.map((model) => writeLink(db, ['RUN_INPUT', run.id, 'MODEL_INPUT', model], 0)),
    ...run.modelOutputs.map(({ model, step }) =>
      writeLink(db, ['RUN_OUTPUT', run.id, 'MODEL_OUTPUT', model], step),
    ),
  ])
}

type Link = [sourceType: string, source: string, destinationType: string, destination: string]

function writeLink(
  db: SqliteWriter,
  [source_type, source_id, destination_type, destination_id]: Link,
  step: number,
): boolean {
  const input_uuid = randomUUID().replaceAll('-', '')
  return db.add('inputs', { input_uuid, source_type, source_id, destination_type, destination_id, step })
}

function writeDataset(
  db: SqliteWriter,
  dataset: StoredDataset,
  { run, experiment }: { run: string; experiment: number },
): boolean {
  const key = { experiment_id: experiment, name: dataset.name, digest: dataset.digest }
  db.add('datasets', {
    ...key,
    dataset_uuid: randomUUID().replaceAll('-', ''),
    dataset_source_type: dataset.sourceType,
    dataset_source: dataset.source,
    dataset_schema: dataset.schema,
    dataset_profile: dataset.profile,
  })
  const id = String(db.find('datasets', key)?.dataset_uuid)
  const added = writeLink(db, ['DATASET', id, 'RUN', run], 0)
  const link = db.find('inputs', { source_type: 'DATASET', source_id: id, destination_id: run })
  for (const [name, value] of Object.entries(dataset.tags)) {
    db.put('input_tags', { input_uuid: String(link?.input_uuid), name }, { value })
  }
  return added
}

/** What the column holds: MLflow's databases keep infinities as the largest numbers and NaN beside a mark. */
function toStored(value: number): { value: number; is_nan: number } {
  if (Number.isNaN(value)) return { value: 0, is_nan: 1 }
  return { value: Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, value)), is_nan: 0 }
}

export function writeMetrics(db: SqliteWriter, run: string, points: readonly StoredMetric[]): void {
  const latest = new Map<string, StoredMetric>()
  for (const point of points) {
    const { key, at, step } = point
    db.add('metrics', { key, timestamp: at, step, run_uuid: run, ...toStored(point.value) })
    const before = latest.get(key)
    if (!before || isLater(point, before)) latest.set(key, point)
  }
  for (const point of latest.values()) {
    const row = db.find('latest_metrics', { key: point.key, run_uuid: run })
    const before = row && {
      key: point.key,
      value: row.is_nan ? Number.NaN : Number(row.value),
      at: Number(row.timestamp),
      step: Number(row.step),
    }
    if (before && !isLater(point, before)) continue
    const values = { timestamp: point.at, step: point.step, ...toStored(point.value) }
    db.put('latest_metrics', { key: point.key, run_uuid: run }, values)
  }
}

/** MLflow's order: step, time, value with NaN as 0. */
function isLater(a: StoredMetric, b: StoredMetric): boolean {
  if (a.step !== b.step) return a.step > b.step
  if (a.at !== b.at) return a.at > b.at
  return (Number.isNaN(a.value) ? 0 : a.value) > (Number.isNaN(b.value) ? 0 : b.value)
}

const modelStatuses = { PENDING: 1, READY: 2, UPLOAD_FAILED: 3 } as const

export function writeLoggedModel(
  db: SqliteWriter,
  model: StoredLoggedModel,
  experiment: number,
  location: string,
): Outcome {
  const id = { model_id: model.id }
  const own = db.put('logged_models', id, {
    experiment_id: experiment,
    name: model.name,
    artifact_location: location,
    creation_timestamp_ms: model.createdAt,
    last_updated_timestamp_ms: model.updatedAt,
    status: modelStatuses[model.status],
    lifecycle_stage: model.lifecycle,
    model_type: model.type,
    source_run_id: model.sourceRun,
    status_message: model.statusMessage,
  })
  const experiment_id = experiment
  return outcomeOf(own, [
    ...Object.entries(model.params).map(([param_key, param_value]) =>
      db.put('logged_model_params', { ...id, param_key }, { experiment_id, param_value }),
    ),
    ...Object.entries(model.tags).map(([tag_key, tag_value]) =>
      db.put('logged_model_tags', { ...id, tag_key }, { experiment_id, tag_value }),
    ),
    ...model.metrics.map((metric) =>
      db.add('logged_model_metrics', {
        ...id,
        experiment_id,
        run_id: metric.run,
        metric_name: metric.key,
        metric_timestamp_ms: metric.at,
        metric_step: metric.step,
        // This table has no mark for NaN: MLflow's own client leaves the value out.
        metric_value: Number.isNaN(metric.value) ? null : toStored(metric.value).value,
        dataset_name: metric.datasetName,
        dataset_digest: metric.datasetDigest,
      }),
    ),
  ])
}
