import type { ColumnType, FileFormat, IngestMode, Schema } from '@millrace/protocol'
import type { ArtifactContent } from './artifacts.ts'
import { datasetKeepingCalls } from './dataset-keeping.ts'
import type { Page, PageInput } from './page.ts'
import { path, type Transport } from './transport.ts'
import type { Validation } from './validations.ts'
import { versionDiffCall } from './version-diff.ts'

/** What brought rows that are not in the source: a file that was sent, a push to a feature view, events of a stream. */
export type IngestCause = 'upload' | 'push' | 'events'

export interface DatasetVersion {
  dataset: string
  version: string
  /** The version whose parts come first in this one; absent where all rows were read anew. */
  base?: string
  /** What the newest rows were read from. */
  source: { path: string; digest: string; bytes: number; cause?: IngestCause }
  /** Of all parts. */
  bytes: number
  rows: number
  partCount: number
  schema: Schema
  statistics: Record<string, ColumnStatistics>
  validation: string
  createdAt: number
}

/** Rows of a version as one Parquet file; versions share their parts. */
export interface DatasetPart {
  /** SHA-256 of the file. */
  digest: string
  bytes: number
  rows: number
  /** First and last event time, milliseconds; absent where it is not known. */
  minTime?: number
  maxTime?: number
}

/** A row of a source that could not be read and was kept aside. */
export interface RejectedRow {
  file: string
  /** From 1; null where it is not known. */
  line: number | null
  column: string | null
  reason: string
  /** The line or the value; null in a dataset that hides values. */
  text: string | null
}

export interface DatasetSummary {
  name: string
  versions: number
  latest: DatasetVersion
}

/** A version as it is listed. */
export interface DatasetLogEntry
  extends Pick<
    DatasetVersion,
    'dataset' | 'version' | 'base' | 'rows' | 'bytes' | 'partCount' | 'createdAt'
  > {
  /** Bytes of parts that no version before it had. */
  newBytes: number
  /** `append`: it has the rows of `base`. `replace`: all its rows were read anew. */
  mode: IngestMode
  /** What its newest rows were read from. */
  source: string
  /** Absent where that is the source of the definition, or files in its place. */
  cause?: IngestCause
  tags: string[]
}

/** Something that names a version: as long as it does, the version stays. */
export interface DatasetVersionUse {
  kind: 'latest' | 'tag' | 'work' | 'training-set' | 'run' | 'model-version' | 'pipeline-run'
  /** Which tag, training set …; what kind of work. */
  name: string
}

/** What a prune removed (or would remove), and what is old enough but named. */
export interface PrunedDataset {
  items: DatasetVersion[]
  kept: { version: DatasetVersion; uses: DatasetVersionUse[] }[]
}

/** What is known about one column. Times are milliseconds; `distinct` is exact up to 1023, then an estimate. */
export interface ColumnStatistics {
  type: ColumnType
  nulls: number
  min?: number | string | boolean
  max?: number | string | boolean
  mean?: number
  distinct: number
  top?: { value: string; count: number }[]
}

/** What a training set is made of; its digest names everything that the rows depend on. */
export interface TrainingSet {
  kind: 'training-set'
  name: string
  /** The Parquet file. */
  content: { digest: string; size: number }
  rows: number
  /** Event times t with `from <= t < until`, in milliseconds. */
  from: number
  until: number
  columns: {
    name: string
    type: ColumnType
    role: 'key' | 'timestamp' | 'input' | 'request' | 'feature' | 'kept' | 'label'
  }[]
  timestamp: string
  /** What a model sees, in order. */
  features: string[]
  /** Absent of a set for learners that learn without one. */
  label?: string
  /** Dataset versions: the spine's first. */
  datasets: { dataset: string; version: string }[]
  /** Content hashes of the definitions, by `kind/name`. */
  definitions: Record<string, string>
  bundles: string[]
  statistics: Record<string, ColumnStatistics>
  /** Features with a range -> values outside of it that were clipped or are missing, of the whole set. */
  outsideRange?: Record<string, number>
  /** Signs that features know what they should not, of the whole set. */
  leakage: LeakageFinding[]
  /** What the set is split into; each is a training set of its own. */
  members?: { member: SetMember; digest: string; rows: number }[]
  /** What the rows are to the set that was split. */
  member?: SetMember
}

export type SetMember = 'train' | 'validation' | 'test'

export interface LeakageFinding {
  check: 'equals_label' | 'determines_label' | 'future_time' | 'id_like' | 'own_row' | 'known_later'
  /** A column of the set; for `known_later` a feature view. */
  name: string
  /** What the check measures, 0 to 1. */
  share?: number
  message: string
}

/** What one needs to know of a training set to choose it. */
export interface TrainingSetSummary
  extends Pick<
    TrainingSet,
    'name' | 'rows' | 'from' | 'until' | 'columns' | 'timestamp' | 'features' | 'label'
  > {
  digest: string
  /** Bytes of the Parquet file. */
  size: number
  /** Milliseconds. */
  createdAt: number
}

export function dataCalls({ send, open }: Transport) {
  return {
    datasets: {
      ...datasetKeepingCalls({ send }),
      /** What differs between two versions. */
      diff: versionDiffCall({ send }),
      /** Registers the source (or another file) as a version; the same rows give the same version. */
      ingest: (dataset: string, input: { path?: string; format?: FileFormat; mode?: IngestMode } = {}) =>
        send<DatasetVersion>({
          method: 'POST',
          path: path`/v1/datasets/${dataset}/versions`,
          body: input,
          idempotent: true,
        }),
      /**
       * Sends a file whose rows become a version, or are appended to the latest one. `file` is its name, whose end says
       * the format where neither `format` nor the dataset does. A stream cannot be sent again after a failure.
       */
      push: (
        dataset: string,
        content: ArtifactContent,
        input: { file: string; format?: FileFormat; mode?: IngestMode },
      ) =>
        send<DatasetVersion>({
          method: 'POST',
          path: path`/v1/datasets/${dataset}/uploads`,
          query: { ...input },
          content,
          idempotent: !(content instanceof ReadableStream),
        }),
      versions: (dataset: string, page?: PageInput) =>
        send<Page<DatasetVersion>>({
          method: 'GET',
          path: path`/v1/datasets/${dataset}/versions`,
          query: { ...page },
        }),
      /** By its id, the beginning of it, a tag, or `latest`. */
      version: (dataset: string, version: string) =>
        send<DatasetVersion>({ method: 'GET', path: path`/v1/datasets/${dataset}/versions/${version}` }),
      /** The parts of a version, in their order. */
      parts: (dataset: string, version: string, page?: PageInput) =>
        send<Page<DatasetPart>>({
          method: 'GET',
          path: path`/v1/datasets/${dataset}/versions/${version}/parts`,
          query: { ...page },
        }),
      /** Rows that could not be read and were kept aside when the version was made. */
      rejected: (dataset: string, version: string, page?: PageInput) =>
        send<Page<RejectedRow>>({
          method: 'GET',
          path: path`/v1/datasets/${dataset}/versions/${version}/rejected`,
          query: { ...page },
        }),
      /** One part as a stream (Parquet); positions count from 0. */
      openPart: (dataset: string, version: string, position: number) =>
        open({
          method: 'GET',
          path: path`/v1/datasets/${dataset}/versions/${version}/parts/${String(position)}`,
        }),
      /** Those that have versions, by name. */
      list: (page?: PageInput) =>
        send<Page<DatasetSummary>>({ method: 'GET', path: '/v1/datasets', query: { ...page } }),
      /** Versions, latest first: when and how they were made, what is new, their tags. */
      log: (dataset: string, page?: PageInput) =>
        send<Page<DatasetLogEntry>>({
          method: 'GET',
          path: path`/v1/datasets/${dataset}/log`,
          query: { ...page },
        }),
      validations: (dataset: string, page?: PageInput) =>
        send<Page<Validation>>({
          method: 'GET',
          path: path`/v1/datasets/${dataset}/validations`,
          query: { ...page },
        }),
    },
    trainingSets: {
      /** Newest first; those of one definition with `name`. */
      list: (query?: PageInput & { name?: string }) =>
        send<Page<TrainingSetSummary>>({ method: 'GET', path: '/v1/training-sets', query: { ...query } }),
      get: (digest: string) => send<TrainingSet>({ method: 'GET', path: path`/v1/training-sets/${digest}` }),
      /** The rows as a file that is streamed: Parquet, or Arrow IPC (Feather version 2). */
      open: (digest: string, { format = 'parquet' }: { format?: 'parquet' | 'arrow' } = {}) =>
        open({ method: 'GET', path: path`/v1/training-sets/${digest}/data`, query: { format } }),
    },
  }
}
