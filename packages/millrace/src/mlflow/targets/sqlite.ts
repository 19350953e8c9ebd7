import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { fail } from '@millrace/protocol/errors'
import type { MoveTarget, TargetFolder } from '../move/target.ts'
import { deletedStage } from '../sources/file-registry.ts'
import { pagesOf } from '../sources/pages.ts'
import { localFolder } from './local-folder.ts'
import { outcomeOf, writeLoggedModel, writeMetrics, writeRun } from './sqlite-runs.ts'
import { openSqliteWriter } from './sqlite-writer.ts'

export interface SqliteTargetOptions {
  /** Folder of the artifacts; `mlartifacts` beside the database by default. */
  artifacts?: string
  /**
   * True = artifacts are found through the server (`mlflow server --artifacts-destination <folder>`), which other
   * machines can use; false = by their path, which needs no server.
   */
  proxied?: boolean
}

/**
 * An SQLite database with the tables of MLflow 3, and a folder with the artifacts. Ids, times and version numbers stay;
 * an experiment keeps its id unless another one has it.
 * @throws `mlflow.target_invalid`
 */
export function createSqliteTarget(
  file: string,
  options: SqliteTargetOptions = {},
): MoveTarget & { close(): void } {
  const path = resolve(file)
  const db = openSqliteWriter(path)
  const root = options.artifacts ? resolve(options.artifacts) : join(dirname(path), 'mlartifacts')
  const locationOf = (place: string) =>
    options.proxied ? `mlflow-artifacts:/${place}` : pathToFileURL(join(root, place)).href
  const folderOf = (place: string): TargetFolder => localFolder(join(root, place), locationOf(place))
  const runPlace = (run: string, experiment: string) => `${experiment}/${run}/artifacts`
  const modelPlace = (model: string, experiment: string) => `${experiment}/models/${model}/artifacts`
  const inDefault = { workspace: 'default' }

  /** Of Millrace's life cycle and MLflow's experiment of that name the active one wins. */
  function freeExperimentId(wanted: string): number {
    const number = Number(wanted)
    if (Number.isSafeInteger(number) && !db.find('experiments', { experiment_id: number })) return number
    let next = 1
    while (db.find('experiments', { experiment_id: next })) next++
    return next
  }

  return {
    label: `SQLite database ${path}`,
    putExperiment: async (experiment) =>
      db.transaction(() => {
        const found = db.find('experiments', { name: experiment.name, ...inDefault })
        const id = found ? Number(found.experiment_id) : freeExperimentId(experiment.id)
        const own = db.put(
          'experiments',
          { experiment_id: id },
          {
            name: experiment.name,
            lifecycle_stage: experiment.lifecycle,
            creation_time: experiment.createdAt,
            last_update_time: experiment.updatedAt,
            ...(found ? {} : { artifact_location: locationOf(String(id)), ...inDefault }),
          },
        )
        const tags = Object.entries(experiment.tags).map(([key, value]) =>
          db.put('experiment_tags', { key, experiment_id: id }, { value }),
        )
        return { id: String(id), outcome: outcomeOf(own, tags) }
      }),
    putRun: async (run, experiment) =>
      db.transaction(() => {
        const location = locationOf(runPlace(run.id, experiment))
        const existing = db.find('runs', { run_uuid: run.id })
        if (existing && String(existing.experiment_id) !== experiment) {
          const reason = `it is in experiment ${existing.experiment_id} there`
          throw fail('import.conflict', { what: `Run ${run.id}`, reason })
        }
        return writeRun(db, run, Number(experiment), location)
      }),
    putMetrics: async (run, points) => db.transaction(() => writeMetrics(db, run, points)),
    async *listMetrics(run) {
      for (const page of pagesOf(db.list('metrics', { run_uuid: run }))) {
        yield page.map((row) => ({
          key: String(row.key),
          value: row.is_nan ? Number.NaN : Number(row.value),
          at: Number(row.timestamp),
          step: Number(row.step),
        }))
      }
    },
    putLoggedModel: async (model, experiment) =>
      db.transaction(() =>
        writeLoggedModel(db, model, Number(experiment), locationOf(modelPlace(model.id, experiment))),
      ),
    putModel: async ({ name, description, createdAt, updatedAt, tags }) =>
      db.transaction(() => {
        const values = { description, creation_time: createdAt, last_updated_time: updatedAt }
        const own = db.put('registered_models', { name, ...inDefault }, values)
        return outcomeOf(
          own,
          Object.entries(tags).map(([key, value]) =>
            db.put('registered_model_tags', { key, name, ...inDefault }, { value }),
          ),
        )
      }),
    putVersion: async (version, source) =>
      db.transaction(() => {
        const key = { name: version.model, version: version.version, ...inDefault }
        const logged = version.loggedModel && db.find('logged_models', { model_id: version.loggedModel })
        const own = db.put('model_versions', key, {
          creation_time: version.createdAt,
          last_updated_time: version.updatedAt,
          description: version.description,
          user_id: version.user,
          current_stage: version.stage,
          source,
          run_id: version.run,
          status: version.status === 'READY' ? 'READY' : 'FAILED_REGISTRATION',
          status_message: version.statusMessage,
          run_link: version.runLink,
          storage_location: logged ? String(logged.artifact_location) : source,
        })
        return outcomeOf(
          own,
          Object.entries(version.tags).map(([tag, value]) =>
            db.put('model_version_tags', { key: tag, ...key }, { value }),
          ),
        )
      }),
    putDeletedVersions: async (name, versions) =>
      db.transaction(() => {
        for (const version of versions) {
          db.add('model_versions', {
            name,
            version,
            ...inDefault,
            current_stage: deletedStage,
            status: 'READY',
          })
        }
      }),
    putAliases: async (name, aliases) =>
      db.transaction(() =>
        outcomeOf(
          'unchanged',
          Object.entries(aliases).map(([alias, version]) =>
            db.put('registered_model_aliases', { alias, name, ...inDefault }, { version }),
          ),
        ),
      ),
    runArtifacts: (run, experiment) => folderOf(runPlace(run, experiment)),
    loggedModelArtifacts: (model, experiment) => folderOf(modelPlace(model, experiment)),
    close: () => db.close(),
  }
}
