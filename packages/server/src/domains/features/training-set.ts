import type { LakeColumns } from '../../ports/lake.ts'
import type { DatasetVersionRef, Statistics } from '../data/index.ts'
import type { LeakageFinding } from './leakage.ts'
import type { SetColumn } from './service-plan.ts'
import type { MemberName } from './split.ts'

/** Content-addressed description of a training set: its digest names everything that the rows depend on. */
export interface TrainingSetManifest {
  kind: 'training-set'
  name: string
  /** The Parquet file: columns in the order of `columns`, rows by time, then in the order of the spine. */
  content: { digest: string; size: number }
  rows: number
  /** Event times t with `from <= t < until`, in milliseconds. */
  from: number
  until: number
  columns: SetColumn[]
  timestamp: string
  /** What a model sees, in order. */
  features: string[]
  /** Absent: the set is for learners that learn without one. */
  label?: string
  /** Dataset versions: the spine's first, then those of other datasets that feature views read. */
  datasets: DatasetVersionRef[]
  /** Content hashes of the definitions, by `kind/name`. */
  definitions: Record<string, string>
  bundles: string[]
  statistics: Statistics
  /**
   * Features with a range -> how many values were outside of it and have become missing, or the nearest end: of the whole
   * set. Absent if none has a range.
   */
  outsideRange?: Record<string, number>
  /** Signs that features know what they should not, of the whole set. */
  leakage: LeakageFinding[]
  /** The members that the set is split into; rows in none of them are in a gap between two. */
  members?: TrainingSetMember[]
  /** What the rows are to the set that was split. */
  member?: MemberName
}

/** A training set of its own with some of the rows. */
export interface TrainingSetMember {
  member: MemberName
  /** Of its manifest. */
  digest: string
  rows: number
}

/** What steps pass on. */
interface TrainingSetRef {
  /** Of the manifest. */
  digest: string
  name: string
  rows: number
}

export interface TrainingSet extends TrainingSetRef {
  manifest: TrainingSetManifest
}

export interface LoadedTrainingSet extends LakeColumns {
  manifest: TrainingSetManifest
}

export interface BuildTrainingSetInput {
  /** Name of the training-set definition. */
  name: string
  /** Version of the spine's dataset. */
  version: DatasetVersionRef
  /** Milliseconds; rows with `from <= t < until`. */
  from: number
  until: number
  onProgress?(progress: { fraction: number; message: string }): void
  signal?: AbortSignal
}
