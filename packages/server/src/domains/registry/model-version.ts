import type { ModelSpec } from './model-spec.ts'
import type { ChangeKind, VersionChange } from './version-label.ts'

/**
 * READY versions can be used; REJECTED ones failed their gate, are kept with the reason and never used; FAILED ones
 * could not be registered whole; PENDING ones are not complete yet.
 */
export type VersionStatus = 'PENDING' | 'READY' | 'REJECTED' | 'FAILED'

export const stages = ['None', 'Staging', 'Production', 'Archived'] as const
export type Stage = (typeof stages)[number]

export interface RegisteredModel {
  name: string
  /** null = never given. */
  description: string | null
  userId: string | null
  tags: Record<string, string>
  /** Alias -> version. */
  aliases: Record<string, number>
  /** Highest version that exists; 0 = none. */
  latestVersion: number
  /** Milliseconds, as all times. */
  createdAt: number
  updatedAt: number
}

/** Where a version comes from, down to the data and the code. */
export interface Lineage {
  run: string | null
  /** Digest of the training set's manifest. */
  trainingSet: string | null
  datasets: { dataset: string; version: string }[]
  /** Content hashes of the definitions, by `kind/name`. */
  definitions: Record<string, string>
  /** Digests of the code bundles that computed features. */
  bundles: string[]
  /** Git commit that the run was made from. */
  commit: string | null
}

/** What decided on the version. */
export interface GateResult {
  passed: boolean
  reason: string
  /** Digest of the whole evaluation, if there is one. */
  evaluation: string | null
  metrics: Record<string, number>
}

export interface ModelVersion {
  model: string
  /** 1, 2, … and never used again, also after deletion. */
  version: number
  /** `major.minor.patch`, unique in the model; see {@link VersionChange}. */
  label: string
  change: VersionChange
  status: VersionStatus
  /** Why it has its status. */
  reason: string
  stage: Stage
  /** As it was registered: a location, or `models:/…`. */
  source: string | null
  /** Where the files are. */
  storageLocation: string | null
  runLink: string | null
  /** The logged model that it was registered from. */
  modelId: string | null
  description: string | null
  userId: string | null
  /** Digest of all files at the storage location; null = this server cannot read them. */
  digest: string | null
  /** Digest of the platform's own manifest; null = it was registered from outside. */
  manifest: string | null
  spec: ModelSpec | null
  gate: GateResult | null
  tags: Record<string, string>
  /** Aliases that point here, in order. */
  aliases: string[]
  lineage: Lineage
  createdAt: number
  updatedAt: number
}

export interface VersionRef {
  model: string
  version: number
}

/** What the versions of a lineage query have in common. */
export type LineageQuery =
  | { dataset: string; version: string }
  | { trainingSet: string }
  | { run: string }
  | { loggedModel: string }
  /** Content hash of a definition. */
  | { definition: string }
  /** Digest of a code bundle. */
  | { bundle: string }
  /** Git commit that the run was made from. */
  | { commit: string }
  /** Digest of the files. */
  | { digest: string }

/** A version before it has a number. */
export interface NewVersion {
  model: string
  /** The same key gives the same version. */
  key?: string
  status: VersionStatus
  reason: string
  source: string | null
  storageLocation: string | null
  runLink: string | null
  modelId: string | null
  description: string | null
  userId: string | null
  digest: string | null
  seal: string | null
  manifest: string | null
  spec: ModelSpec | null
  gate: GateResult | null
  tags: Record<string, string>
  lineage: Lineage
  declared?: ChangeKind
}
