import { fail } from '@millrace/protocol/errors'
import type { LoggedModelMetric, LoggedModelStatus, StoredLoggedModel } from '../store.ts'
import { integer, type Row, type SqliteReader, text, textOrNull } from './sqlite-database.ts'
import { lifecycleOf, readEntries } from './sqlite-rows.ts'

const statuses: readonly LoggedModelStatus[] = ['PENDING', 'PENDING', 'READY', 'UPLOAD_FAILED']

/** The logged models of an experiment; none before MLflow 3. */
export function* readLoggedModels(db: SqliteReader, experiment: string): IterableIterator<StoredLoggedModel> {
  if (!db.has('logged_models')) return
  const columns = [
    'model_id',
    'name',
    'artifact_location',
    'creation_timestamp_ms',
    'last_updated_timestamp_ms',
    'status',
    'lifecycle_stage',
    'model_type',
    'source_run_id',
    'status_message',
  ]
  const where = { experiment_id: Number(experiment) }
  for (const row of [...db.select('logged_models', columns, { where, orderBy: 'model_id' })]) {
    const id = text(row, 'model_id')
    yield {
      id,
      experimentId: experiment,
      name: text(row, 'name'),
      type: textOrNull(row, 'model_type'),
      sourceRun: textOrNull(row, 'source_run_id'),
      artifactUri: textOrNull(row, 'artifact_location'),
      status: statusOf(db, row),
      statusMessage: textOrNull(row, 'status_message'),
      lifecycle: lifecycleOf(row),
      createdAt: integer(row, 'creation_timestamp_ms'),
      updatedAt: integer(row, 'last_updated_timestamp_ms'),
      params: readEntries(db, 'logged_model_params', { model_id: id }, ['param_key', 'param_value']),
      tags: readEntries(db, 'logged_model_tags', { model_id: id }, ['tag_key', 'tag_value']),
      metrics: readMetrics(db, id),
    }
  }
}

function statusOf(db: SqliteReader, row: Row): LoggedModelStatus {
  const status = statuses[integer(row, 'status')]
  if (status) return status
  const where = `${db.path}, logged model ${row.model_id}`
  throw fail('mlflow.source_invalid', { where, reason: `status is ${row.status}` })
}

function readMetrics(db: SqliteReader, model: string): LoggedModelMetric[] {
  const columns = [
    'metric_name',
    'metric_value',
    'metric_timestamp_ms',
    'metric_step',
    'run_id',
    'dataset_name',
    'dataset_digest',
  ]
  const rows = db.select('logged_model_metrics', columns, { where: { model_id: model } })
  return Array.from(rows, (row) => ({
    key: text(row, 'metric_name'),
    // This table has no column to tell NaN; it arrives as nothing.
    value: row.metric_value === null ? Number.NaN : Number(row.metric_value),
    at: integer(row, 'metric_timestamp_ms'),
    step: integer(row, 'metric_step'),
    run: text(row, 'run_id'),
    datasetName: textOrNull(row, 'dataset_name'),
    datasetDigest: textOrNull(row, 'dataset_digest'),
  }))
}
