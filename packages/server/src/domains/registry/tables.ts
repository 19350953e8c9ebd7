import type { Kysely } from 'kysely'

/** JSON: `checks` (what a version must pass before a pointer may name it). Times are milliseconds everywhere. */
export interface ModelRow {
  name: string
  description: string | null
  user_id: string | null
  created_at: number
  updated_at: number
  checks: string | null
}

/** JSON: `spec`, `change`, `gate`, `lineage`. Rows with `deleted_at` only keep their number and label from being used again. */
export interface VersionRow {
  model: string
  version: number
  idempotency_key: string | null
  status: string
  reason: string
  stage: string
  source: string | null
  storage_location: string | null
  run_id: string | null
  run_link: string | null
  model_id: string | null
  description: string | null
  user_id: string | null
  digest: string | null
  seal: string | null
  spec: string | null
  label: string
  change: string
  manifest: string | null
  training_set: string | null
  gate: string | null
  lineage: string
  created_at: number
  updated_at: number
  deleted_at: number | null
}

export interface AliasMoveRow {
  model: string
  alias: string
  sequence: number
  /** null = the alias was deleted. */
  version: number | null
  /** set, rollback, delete */
  kind: string
  set_at: number
  set_by: string
  reason: string
}

export interface StageMoveRow {
  model: string
  sequence: number
  version: number
  from_stage: string
  to_stage: string
  moved_at: number
  moved_by: string
  reason: string
}

export interface CheckResultRow {
  id: string
  model: string
  version: number
  passed: number
  results: string
  checked_at: number
}

export interface RegistryTables {
  registered_models: ModelRow
  registered_model_tags: { model: string; key: string; value: string }
  model_versions: VersionRow
  model_version_tags: { model: string; version: number; key: string; value: string }
  model_version_datasets: { dataset: string; dataset_version: string; model: string; version: number }
  /** `kind` is definition (content hash), bundle (digest) or commit. */
  model_version_origins: { kind: string; ref: string; model: string; version: number }
  /** Where each alias points now. */
  model_aliases: { model: string; alias: string; version: number }
  model_alias_moves: AliasMoveRow
  model_stage_moves: StageMoveRow
  model_check_results: CheckResultRow
}

export type Db = Kysely<RegistryTables>
