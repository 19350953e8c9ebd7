import type { Kysely } from 'kysely'
import type { DatasetVersionRef } from './dataset-version.ts'

/** Something that names a version: as long as it does, the version stays. */
export interface VersionUse {
  kind: 'latest' | 'tag' | 'work' | 'training-set' | 'run' | 'model-version' | 'pipeline-run'
  /** Which tag, training set …; what kind of work. */
  name: string
}

/** A domain whose records name versions of datasets. */
export interface VersionUses {
  /** Called before transactions that ask: brings what they read up to date. */
  prepare?(): Promise<void>
  /**
   * Within the transaction that removes the version if nobody names it: some of those who do.
   * @param trx sees all tables
   */
  find(trx: Kysely<unknown>, ref: DatasetVersionRef): Promise<VersionUse[]>
}

/** Most uses of a kind that are told. */
export const mostUses = 20
