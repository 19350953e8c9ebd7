import type { Stage } from './model-version.ts'

/** One move of an alias. The last one is where it points now. */
export interface AliasMove {
  model: string
  alias: string
  /** null = the alias was deleted. */
  version: number | null
  kind: 'set' | 'rollback' | 'delete'
  /** Milliseconds. */
  at: number
  by: string
  reason: string
}

/** One move of a version from stage to stage. */
export interface StageMove {
  model: string
  version: number
  from: Stage
  to: Stage
  /** Milliseconds. */
  at: number
  by: string
  reason: string
}

export interface SetAliasInput {
  model: string
  alias: string
  version: number
  by: string
  reason: string
  /** Only if it points there now (null = nowhere): of two who decide at once on the same ground, one wins. */
  expected?: number | null
  /** Set without the model's checks: for what records a fact, not a decision. */
  unchecked?: boolean
}

export interface TransitionInput {
  model: string
  version: number
  /** In any case. */
  stage: string
  /** Moves other versions of that stage to Archived; for Staging and Production only. */
  archiveExisting?: boolean
  by: string
  reason: string
  /** Only if the version is in that stage now. */
  expected?: Stage
}
