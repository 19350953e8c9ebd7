import type { Schema } from '@millrace/protocol'
import { canonicalJson, sha256 } from '../../kernel/hash.ts'
import type { Statistics } from './statistics.ts'

/** Immutable: one source under one definition, checked and stored as Parquet sorted by event time. */
export interface DatasetVersion {
  dataset: string
  version: string
  /** Content hash of the definition it was made under. */
  definition: string
  source: { path: string; digest: string; bytes: number }
  /** The Parquet file in the content store. */
  content: { digest: string; size: number }
  rows: number
  schema: Schema
  statistics: Statistics
  /** The validation that let it pass. */
  validation: string
  /** Milliseconds. */
  createdAt: number
}

/** What other records and steps carry to name a version. */
export interface DatasetVersionRef {
  dataset: string
  version: string
}

/** The same file under the same definition is the same version. */
export function datasetVersionId(sourceDigest: string, definitionHash: string): string {
  return sha256(canonicalJson([sourceDigest, definitionHash])).slice(0, 16)
}
