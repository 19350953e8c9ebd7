import type { Kysely } from 'kysely'

export interface ExperimentRow {
  id: number
  name: string
  artifact_location: string
  lifecycle_stage: string
  created_at: number
  updated_at: number
  deleted_at: number | null
}

export interface RunRow {
  id: string
  experiment_id: number
  name: string
  user_id: string
  status: string
  lifecycle_stage: string
  artifact_uri: string
  idempotency_key: string | null
  started_at: number
  ended_at: number | null
  deleted_at: number | null
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
  /** 0 where `special` is not ''. */
  value: number
  /** '', 'NaN', 'Infinity' or '-Infinity' */
  special: string
}

export interface LatestMetricRow extends MetricRow {
  experiment_id: number
  points: number
  rollup_shift: number | null
}

/** A batch that is not among the metrics yet. */
export interface PendingMetricsRow {
  run_id: string
  id: string
  points: number
  /** JSON: a list of [key, at, step, value, special] */
  metrics: string
}

export interface RollupRow {
  run_id: string
  key: string
  /** `step >> rollup_shift` */
  bucket: number
  points: number
  finite_points: number
  nan_points: number
  infinite_points: number
  negative_infinite_points: number
  min: number
  max: number
  sum: number
  first_at: number
  last_at: number
}

export interface DatasetRow {
  id: string
  experiment_id: number
  name: string
  digest: string
  source_type: string
  source: string
  schema: string | null
  profile: string | null
}

export interface LoggedModelRow {
  id: string
  experiment_id: number
  name: string
  model_type: string | null
  source_run_id: string | null
  artifact_uri: string
  status: string
  status_message: string | null
  lifecycle_stage: string
  created_at: number
  updated_at: number
  deleted_at: number | null
}

export interface LoggedModelMetricRow {
  model_id: string
  run_id: string
  key: string
  at: number
  step: number
  value: number
  special: string
  /** '' where none was named. */
  dataset_name: string
  dataset_digest: string
}

export interface TrackingTables {
  experiments: ExperimentRow
  experiment_tags: { experiment_id: number; key: string; value: string }
  runs: RunRow
  run_params: EntryRow
  run_tags: EntryRow
  run_metrics: MetricRow
  run_latest_metrics: LatestMetricRow
  metric_rollups: RollupRow
  pending_metrics: PendingMetricsRow
  datasets_logged: DatasetRow
  run_inputs: { run_id: string; dataset_id: string }
  run_input_tags: { run_id: string; dataset_id: string; key: string; value: string }
  run_model_inputs: { run_id: string; model_id: string }
  run_model_outputs: { run_id: string; model_id: string; step: number }
  logged_models: LoggedModelRow
  logged_model_params: { model_id: string; key: string; value: string }
  logged_model_tags: { model_id: string; key: string; value: string }
  logged_model_metrics: LoggedModelMetricRow
}

export type Db = Kysely<TrackingTables>
