import type { Database } from '../../../ports/database.ts'
import type { TrackingTables } from '../tables.ts'
import {
  findPurges,
  listExpired,
  listExpiredExperiments,
  listModelsOfRuns,
  removeData,
  removeExperiment,
  removeOwner,
} from './purge-store.ts'

export type PurgedKind = 'run' | 'logged_model'

/** A run or logged model that is, or is to be, deleted for good. */
export interface Purge {
  kind: PurgedKind
  id: string
  artifactUri: string
  /** Id of its experiment. */
  experiment: string
}

export interface PurgeTables extends TrackingTables {
  purges: { kind: string; id: string; artifact_uri: string; experiment_id: number }
}

/**
 * Permanent deletion of what was deleted restorably long ago. It goes in two steps, between which the files are deleted:
 * after `begin` nobody finds or restores the thing any more, `finish` removes the rest. A crash in between is found by
 * `listBegun`.
 */
export interface PurgeService {
  /** What was deleted before that time (milliseconds), by id; logged models of deleted experiments too. */
  listExpired(kind: PurgedKind, before: number, page: { after?: string; limit: number }): Promise<Purge[]>
  listBegun(): Promise<Purge[]>
  /** Ids of the logged models that each of these runs has made. */
  listModelsOfRuns(runs: readonly string[]): Promise<{ run: string; model: string }[]>
  /** False if it was restored meanwhile, or somebody else began: nothing happens then. */
  begin(purge: Purge, before: number): Promise<boolean>
  finish(purge: Purge): Promise<void>
  /** Ids of experiments that were deleted before that time, but for the newest one: its number would be given out again. */
  listExpiredExperiments(before: number): Promise<string[]>
  /** False if it was restored, or holds a run or logged model. */
  purgeExperiment(id: string, before: number): Promise<boolean>
}

export function createPurgeService({ db }: { db: Database }): PurgeService {
  const tables = () => db.tables<PurgeTables>()
  return {
    listExpired: (kind, before, page) => listExpired(tables(), kind, before, page),
    listBegun: () => findPurges(tables()),
    listModelsOfRuns: (runs) => listModelsOfRuns(tables(), runs),
    begin: (purge, before) =>
      db.transaction<PurgeTables, boolean>(async (trx) => {
        if (!(await removeOwner(trx, purge, before))) return false
        const { kind, id, artifactUri: artifact_uri, experiment } = purge
        const row = { kind, id, artifact_uri, experiment_id: Number(experiment) }
        await trx.insertInto('purges').values(row).execute()
        return true
      }),
    finish: (purge) => removeData(tables(), purge),
    listExpiredExperiments: (before) => listExpiredExperiments(tables(), before),
    purgeExperiment: (id, before) =>
      db.transaction<PurgeTables, boolean>((trx) => removeExperiment(trx, id, before)),
  }
}
