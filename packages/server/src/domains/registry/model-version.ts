/** READY versions can be served; REJECTED ones are kept with the reason and never used. */
export type VersionStatus = 'READY' | 'REJECTED'

export interface RegisteredModel {
  name: string
  /** Milliseconds. */
  createdAt: number
  latestVersion: number
  aliases: Record<string, number>
}

/** Where a version comes from, down to the data and the code. */
interface Lineage {
  run: string | null
  /** Digest of the training set's manifest. */
  trainingSet: string | null
  datasets: { dataset: string; version: string }[]
  /** Content hashes of the definitions, by `kind/name`. */
  definitions: Record<string, string>
  /** Digests of the code bundles that computed features. */
  bundles: string[]
}

/** What decided on the version. */
interface GateResult {
  passed: boolean
  reason: string
  /** Digest of the whole evaluation, if there is one. */
  evaluation: string | null
  metrics: Record<string, number>
}

export interface ModelVersion {
  model: string
  version: number
  status: VersionStatus
  /** Why it is ready or was rejected. */
  reason: string
  /** Digest of the model's manifest. */
  manifest: string
  gate: GateResult
  tags: Record<string, string>
  lineage: Lineage
  /** Milliseconds. */
  createdAt: number
}

export interface RegisterVersionInput {
  model: string
  /** The same key gives the same version. */
  key?: string
  manifest: string
  gate: GateResult
  lineage: Lineage
  tags?: Record<string, string>
}

/** One move of an alias. The last one is where it points now. */
export interface AliasMove {
  model: string
  alias: string
  version: number
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
}

/** What the versions of a lineage query have in common. */
export type LineageQuery = { dataset: string; version: string } | { trainingSet: string } | { run: string }
