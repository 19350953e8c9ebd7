import type { Schema } from '@millrace/protocol'
import { canonicalJson, sha256 } from '../../kernel/hash.ts'
import type { Part } from './part.ts'
import type { Statistics } from './statistics.ts'

/**
 * What brought rows that are not in the source: a file that was sent, a push to a feature view, events of a stream.
 */
export type IngestCause = 'upload' | 'push' | 'events'

/** Immutable: rows of one schema that passed their expectations, stored as a list of parts. */
export interface DatasetVersion {
  dataset: string
  version: string
  /** Content hash of the definition it was made under. */
  definition: string
  /** The version whose rows are in this one, in the same parts or in parts that took their place; absent where all rows were read anew. */
  base?: string
  /** What the newest rows were read from. */
  source: { path: string; digest: string; bytes: number; cause?: IngestCause }
  /** Of all parts. */
  bytes: number
  rows: number
  partCount: number
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

/** The same rows in the same parts under the same schema are the same version, wherever they were read from. */
export function datasetVersionId(schema: Schema, parts: readonly Pick<Part, 'digest'>[]): string {
  return sha256(canonicalJson({ schema, parts: parts.map(({ digest }) => digest) })).slice(0, 16)
}
