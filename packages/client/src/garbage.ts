import type { Transport } from './transport.ts'

interface Amount {
  files: number
  bytes: number
}

/** What has been removed for good, or would be. */
export interface GarbageReport {
  dryRun: boolean
  /** False when there is more to do: call again. */
  complete: boolean
  experiments: number
  runs: number
  loggedModels: number
  /** Files of those runs and models. */
  artifacts: Amount
  /** Uploads in parts that nobody has gone on with for a day, and their parts. */
  uploads: Amount & { uploads: number }
  /** What a crash left behind in the object store. */
  orphans: Amount
  /** Versions of datasets that their definitions do not keep. */
  datasetVersions: number
  /** What no record names any more: rows of datasets, training sets, models, code. */
  contents: Amount
  /** Bytes of files that no version of a file set names any more. */
  fileSets: Amount
  /** Tables of the online store of versions of feature views that nothing reads any more. */
  onlineTables: { tables: number; keys: number; busy: number }
  /** Deleted, and kept because a version of a model names them or what they made. */
  kept: { runs: number; loggedModels: number }
  /** Runs and models whose files clients keep elsewhere: those files are left to them. */
  outside: number
}

export function garbageCalls({ send }: Transport) {
  return {
    garbage: {
      /**
       * Removes for good what was deleted at least so long ago (30 days by default), in a stretch of some seconds;
       * `dryRun` only counts. Repeat it until the report is complete.
       */
      collect: (input: { olderThanMs?: number; dryRun?: boolean } = {}) =>
        send<GarbageReport>({
          method: 'POST',
          path: '/v1/garbage-collections',
          body: input,
          idempotent: true,
        }),
    },
  }
}
