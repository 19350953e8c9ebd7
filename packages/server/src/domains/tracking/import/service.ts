import { fail } from '@millrace/protocol'
import type { Clock } from '../../../kernel/clock.ts'
import { type Page, type PageInput, readPage } from '../../../kernel/paging.ts'
import type { Database } from '../../../ports/database.ts'
import { addExperiment, findExperiment, updateExperiment } from '../experiment-store.ts'
import { type Metric, toWireNumber } from '../metric.ts'
import { addMetrics } from '../metric-store.ts'
import { noteTag, recordExperimentNote, recordRunNote } from '../note-history.ts'
import { createPendingMetrics } from '../pending-metrics.ts'
import { addRun, findRun } from '../run-store.ts'
import type { Db, TrackingTables } from '../tables.ts'
import {
  checkImportedExperiment,
  checkImportedMetrics,
  checkImportedModel,
  checkImportedRun,
  type ImportedExperiment,
  type ImportedLoggedModel,
  type ImportedModelMetric,
  type ImportedRun,
  type ImportOutcome,
  runOf,
} from './imported.ts'
import { listModelPoints, listPoints, putEntries, putLinks, putModelMetrics } from './store.ts'

/**
 * Takes over what another tracking server has, with its ids, times and states. Everything can be sent again: what is
 * here already stays, what has changed there since is brought up to date, and nothing is ever there twice.
 */
export interface TrackingImport {
  /**
   * Adds an experiment or brings the one of that name up to date. One that is active here stays so.
   * @throws `import.conflict` if it is deleted here and active there; `experiment.entry_invalid`
   */
  importExperiment(experiment: ImportedExperiment): Promise<{ id: string; outcome: ImportOutcome }>
  /**
   * @throws `experiment.not_found`, `run.entry_invalid`; `import.conflict` if a run of that id is in another experiment
   * or has another value for a parameter
   */
  importRun(run: ImportedRun): Promise<{ outcome: ImportOutcome }>
  /** Adds points to a run in whatever state. Exact repeats count once. @throws `run.not_found`, `run.entry_invalid` */
  importMetrics(run: string, metrics: readonly Metric[]): Promise<void>
  /** Every point of every metric of a run, in one order. @throws `run.not_found` */
  listRunMetrics(run: string, page?: PageInput): Promise<Page<Metric>>
  /** Every point that was measured of a logged model; an unknown one has none. */
  listLoggedModelMetrics(model: string, page?: PageInput): Promise<Page<ImportedModelMetric>>
  /** @throws `experiment.not_found`, `logged_model.entry_invalid`; `import.conflict` if it is in another experiment */
  importLoggedModel(model: ImportedLoggedModel): Promise<{ outcome: ImportOutcome }>
}

export interface TrackingImportDeps {
  db: Database
  clock: Clock
}

/** Artifacts come in through this server, wherever new runs may keep theirs. */
const ownArtifacts = (path: string) => `mlflow-artifacts:/${path}`

export function createTrackingImport({ db, clock }: TrackingImportDeps): TrackingImport {
  const pending = createPendingMetrics(db)
  async function requireExperiment(trx: Db, id: string) {
    const found = await findExperiment(trx, { id })
    if (!found) throw fail('experiment.not_found', { experiment: id })
    return found
  }
  async function requireRun(trx: Db, id: string) {
    const found = await findRun(trx, { id })
    if (!found) throw fail('run.not_found', { run: id })
    return found
  }

  return {
    async importExperiment(imported) {
      checkImportedExperiment(imported)
      const { name, lifecycleStage, tags } = imported
      return db.transaction<TrackingTables, { id: string; outcome: ImportOutcome }>(async (trx) => {
        const existing = await findExperiment(trx, { name })
        if (existing?.lifecycleStage === 'deleted' && lifecycleStage === 'active') {
          const reason = 'it is deleted here and active there; restore it or rename one of them'
          throw fail('import.conflict', { what: `Experiment "${name}"`, reason })
        }
        const now = clock.now()
        const experiment =
          existing ?? (await addExperiment(trx, { name, location: (id) => ownArtifacts(id), now }))
        // What is the same experiment from now on is as old as the older of both.
        const createdAt = Math.min(existing?.createdAt ?? Infinity, imported.createdAt ?? now)
        const updatedAt = Math.max(existing?.updatedAt ?? 0, imported.updatedAt ?? createdAt)
        const timed = createdAt !== experiment.createdAt || updatedAt !== experiment.updatedAt
        const change = existing ? {} : stateOf(lifecycleStage, updatedAt)
        if (timed || !existing) {
          await updateExperiment(trx, experiment.id, {
            created_at: createdAt,
            updated_at: updatedAt,
            ...change,
          })
        }
        if (existing && Object.hasOwn(tags, noteTag)) {
          await recordExperimentNote(trx, experiment.id, tags[noteTag], { at: now, by: 'import' })
        }
        const into = { table: 'experiment_tags', owner: 'experiment_id', id: Number(experiment.id) }
        const tagged = await putEntries(db, trx, into, tags)
        return { id: experiment.id, outcome: outcomeOf(!existing, timed || tagged > 0) }
      })
    },

    async importRun(imported) {
      checkImportedRun(imported)
      return db.transaction<TrackingTables, { outcome: ImportOutcome }>(async (trx) => {
        const { id, experimentId } = imported
        await requireExperiment(trx, experimentId)
        const existing = await findRun(trx, { id })
        const run = {
          ...runOf(imported, ownArtifacts(`${experimentId}/${id}/artifacts`)),
          deletedAt: timeOfDeletion(imported, existing?.deletedAt ?? clock.now()),
        }
        if (existing && existing.experimentId !== experimentId) {
          const reason = `it is in experiment ${existing.experimentId} here`
          throw fail('import.conflict', { what: `Run ${id}`, reason })
        }
        if (!existing) await addRun(trx, run, undefined)
        const moved = existing !== undefined && !sameFields(run, existing)
        if (moved) {
          await trx
            .updateTable('runs')
            .set({
              name: run.name,
              user_id: run.user,
              status: run.status,
              lifecycle_stage: run.lifecycleStage,
              started_at: run.startedAt,
              ended_at: run.endedAt,
              deleted_at: run.deletedAt,
            })
            .where('id', '=', id)
            .execute()
        }
        await refuseOtherParams(trx, imported)
        if (existing && Object.hasOwn(imported.tags, noteTag)) {
          await recordRunNote(trx, id, imported.tags[noteTag], { at: clock.now(), by: 'import' })
        }
        const changes =
          (await putEntries(db, trx, { table: 'run_params', owner: 'run_id', id }, imported.params)) +
          (await putEntries(db, trx, { table: 'run_tags', owner: 'run_id', id }, imported.tags)) +
          (await putLinks(db, trx, imported))
        return { outcome: outcomeOf(!existing, moved || changes > 0) }
      })
    },

    async importMetrics(run, metrics) {
      checkImportedMetrics(run, metrics)
      await db.transaction<TrackingTables, void>(async (trx) => {
        const { id, experimentId } = await requireRun(trx, run)
        await addMetrics(db, trx, { id, experimentId: Number(experimentId) }, metrics)
      })
    },

    async listRunMetrics(run, { limit = 1000, pageToken } = {}) {
      const tables = db.tables<TrackingTables>()
      await requireRun(tables, run)
      await pending.apply([run])
      const after = pageToken === undefined ? undefined : pointFromToken(pageToken)
      const items = await listPoints(tables, run, { after, limit: limit + 1 })
      if (items.length <= limit) return { items }
      const page = items.slice(0, limit)
      return { items: page, nextPageToken: pointToToken(page[limit - 1]) }
    },

    listLoggedModelMetrics: (model, page) =>
      readPage(page, (range) => listModelPoints(db.tables<TrackingTables>(), model, range)),

    async importLoggedModel(imported) {
      checkImportedModel(imported)
      return db.transaction<TrackingTables, { outcome: ImportOutcome }>(async (trx) => {
        const { id, experimentId } = imported
        await requireExperiment(trx, experimentId)
        const existing = await trx
          .selectFrom('logged_models')
          .selectAll()
          .where('id', '=', id)
          .executeTakeFirst()
        if (existing && String(existing.experiment_id) !== experimentId) {
          const reason = `it is in experiment ${existing.experiment_id} here`
          throw fail('import.conflict', { what: `Logged model ${id}`, reason })
        }
        const row = {
          id,
          experiment_id: Number(experimentId),
          name: imported.name,
          model_type: imported.modelType,
          source_run_id: imported.sourceRun,
          artifact_uri: ownArtifacts(`${experimentId}/models/${id}/artifacts`),
          status: imported.status,
          status_message: imported.statusMessage,
          lifecycle_stage: imported.lifecycleStage,
          created_at: imported.createdAt,
          updated_at: imported.updatedAt,
          deleted_at: imported.lifecycleStage === 'deleted' ? imported.updatedAt : null,
        }
        if (!existing) await trx.insertInto('logged_models').values(row).execute()
        const moved = existing !== undefined && !sameFields(row, existing)
        if (moved) await trx.updateTable('logged_models').set(row).where('id', '=', id).execute()
        const owner = 'model_id'
        const changes =
          (await putEntries(db, trx, { table: 'logged_model_params', owner, id }, imported.params)) +
          (await putEntries(db, trx, { table: 'logged_model_tags', owner, id }, imported.tags)) +
          (await putModelMetrics(db, trx, imported))
        return { outcome: outcomeOf(!existing, moved || changes > 0) }
      })
    },
  }
}

async function refuseOtherParams(trx: Db, { id, params }: ImportedRun): Promise<void> {
  const existing = await trx.selectFrom('run_params').selectAll().where('run_id', '=', id).execute()
  for (const { key, value } of existing) {
    if (!Object.hasOwn(params, key) || params[key] === value) continue
    const reason = `its parameter "${key}" is ${JSON.stringify(value)} here and ${JSON.stringify(params[key])} there`
    throw fail('import.conflict', { what: `Run ${id}`, reason })
  }
}

function stateOf(lifecycle_stage: string, at: number) {
  return { lifecycle_stage, deleted_at: lifecycle_stage === 'deleted' ? at : null }
}

/** Not every server tells when a run was deleted; garbage collection has to know. */
function timeOfDeletion({ lifecycleStage, deletedAt }: ImportedRun, otherwise: number): number | null {
  return lifecycleStage === 'deleted' ? (deletedAt ?? otherwise) : null
}

function sameFields<Fields extends object>(wanted: Fields, existing: Fields): boolean {
  return (Object.keys(wanted) as (keyof Fields)[]).every((key) => wanted[key] === existing[key])
}

function outcomeOf(isNew: boolean, changed: boolean): ImportOutcome {
  return isNew ? 'created' : changed ? 'changed' : 'unchanged'
}

function pointToToken({ key, at, step, value }: Metric): string {
  return Buffer.from(JSON.stringify([key, at, step, toWireNumber(value)])).toString('base64url')
}

/** @throws `request.invalid` */
function pointFromToken(token: string): Metric {
  try {
    const [key, at, step, value] = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as unknown[]
    const point = { key: String(key), at: Number(at), step: Number(step), value: Number(value) }
    if (typeof key === 'string' && Number.isSafeInteger(point.at) && Number.isSafeInteger(point.step))
      return point
  } catch {
    // Refused below like any other text.
  }
  throw fail('request.invalid', {
    reason: `pageToken "${token.slice(0, 80)}" is not one of a previous answer`,
  })
}
