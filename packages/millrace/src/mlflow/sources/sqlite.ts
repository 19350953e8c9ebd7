import { dirname, join, resolve } from 'node:path'
import { fail } from '@millrace/protocol/errors'
import type { ArtifactFolder, MlflowSource, RunStatus, StoredRun } from '../store.ts'
import { localArtifacts, localPathOf, unreachableArtifacts } from './local-artifacts.ts'
import { pagesOf } from './pages.ts'
import {
  integer,
  integerOrNull,
  openSqlite,
  type Row,
  type SqliteReader,
  text,
  textOrNull,
} from './sqlite-database.ts'
import { leftOutOf } from './sqlite-left-out.ts'
import { readLoggedModels } from './sqlite-logged-models.ts'
import { sqliteRegistry } from './sqlite-registry.ts'
import { isDefaultWorkspace, lifecycleOf, readEntries } from './sqlite-rows.ts'

/**
 * Reads the SQLite database of an MLflow server or client, of this and earlier releases.
 * @param options.artifacts Folder that proxied artifacts are in; `mlartifacts` beside the file if not given, as an MLflow
 * server does that was started there.
 * @throws `mlflow.source_not_found`
 */
export function createSqliteSource(file: string, options: { artifacts?: string } = {}): MlflowSource {
  const path = resolve(file)
  const db = openSqlite(path)
  const places = { base: dirname(path), proxied: options.artifacts ?? join(dirname(path), 'mlartifacts') }

  function artifactsOf(uri: string | null): ArtifactFolder {
    const folder = uri === null ? undefined : localPathOf(uri, places)
    return folder === undefined ? unreachableArtifacts(uri) : localArtifacts(folder)
  }

  return {
    label: `SQLite database ${path}`,
    async *listExperiments() {
      const columns = [
        'experiment_id',
        'name',
        'artifact_location',
        'lifecycle_stage',
        'creation_time',
        'last_update_time',
        'workspace',
      ]
      for (const row of [...db.select('experiments', columns, { orderBy: 'experiment_id' })]) {
        if (!isDefaultWorkspace(row)) continue
        yield {
          id: text(row, 'experiment_id'),
          name: text(row, 'name'),
          artifactLocation: textOrNull(row, 'artifact_location'),
          lifecycle: lifecycleOf(row),
          createdAt: integerOrNull(row, 'creation_time'),
          updatedAt: integerOrNull(row, 'last_update_time'),
          tags: readEntries(db, 'experiment_tags', { experiment_id: row.experiment_id }),
        }
      }
    },
    async countRuns({ id }) {
      const where = { experiment_id: Number(id) }
      return db.count('runs', where) + db.count('logged_models', where)
    },
    async *listRuns(experiment) {
      const columns = [
        'run_uuid',
        'name',
        'user_id',
        'status',
        'start_time',
        'end_time',
        'lifecycle_stage',
        'deleted_time',
        'artifact_uri',
      ]
      const where = { experiment_id: Number(experiment.id) }
      // The list is kept small by reading ids first: a run with its entries may be large.
      const ids = [...db.select('runs', ['run_uuid'], { where, orderBy: 'start_time, run_uuid' })]
      for (const { run_uuid } of ids) {
        for (const row of [...db.select('runs', columns, { where: { run_uuid } })]) {
          yield readRun(db, row, experiment.id)
        }
      }
    },
    async *listMetrics(run) {
      const columns = ['key', 'value', 'timestamp', 'step', 'is_nan']
      const rows = db.select('metrics', columns, { where: { run_uuid: run.id } })
      for (const page of pagesOf(rows)) yield page.map(metricOf)
    },
    async *listLoggedModels(experiment) {
      yield* readLoggedModels(db, experiment.id)
    },
    ...sqliteRegistry(db),
    runArtifacts: (run) => artifactsOf(run.artifactUri),
    loggedModelArtifacts: (model) => artifactsOf(model.artifactUri),
    listLeftOut: async (experiments) => leftOutOf(db, experiments),
    listProblems: () => [],
    close: async () => db.close(),
  }
}

const statuses = new Set<unknown>([
  'RUNNING',
  'SCHEDULED',
  'FINISHED',
  'FAILED',
  'KILLED',
] satisfies RunStatus[])

function readRun(db: SqliteReader, row: Row, experimentId: string): StoredRun {
  const id = text(row, 'run_uuid')
  if (!statuses.has(row.status)) {
    throw fail('mlflow.source_invalid', { where: `${db.path}, run ${id}`, reason: `status is ${row.status}` })
  }
  const tags = readEntries(db, 'tags', { run_uuid: id })
  return {
    id,
    experimentId,
    // Early releases left the column empty and kept the name as a tag.
    name: text(row, 'name') || tags['mlflow.runName'] || '',
    user: textOrNull(row, 'user_id'),
    status: row.status as RunStatus,
    startedAt: integerOrNull(row, 'start_time'),
    endedAt: integerOrNull(row, 'end_time'),
    lifecycle: lifecycleOf(row),
    deletedAt: integerOrNull(row, 'deleted_time'),
    artifactUri: textOrNull(row, 'artifact_uri'),
    params: readEntries(db, 'params', { run_uuid: id }),
    tags,
    metricKeys: Object.keys(readEntries(db, 'latest_metrics', { run_uuid: id }, ['key', 'value'])),
    ...readLinks(db, id),
  }
}

function metricOf(row: Row) {
  return {
    key: text(row, 'key'),
    value: row.is_nan || row.value === null ? Number.NaN : Number(row.value),
    at: integer(row, 'timestamp'),
    step: integer(row, 'step'),
  }
}

function readLinks(
  db: SqliteReader,
  run: string,
): Pick<StoredRun, 'datasets' | 'modelInputs' | 'modelOutputs'> {
  const links: Pick<StoredRun, 'datasets' | 'modelInputs' | 'modelOutputs'> = {
    datasets: [],
    modelInputs: [],
    modelOutputs: [],
  }
  if (!db.has('inputs')) return links
  const columns = ['input_uuid', 'source_type', 'source_id', 'destination_type', 'destination_id', 'step']
  const orderBy = 'source_type, source_id, destination_id'
  for (const row of [
    ...db.select('inputs', columns, { where: { destination_id: run, source_type: 'DATASET' }, orderBy }),
  ]) {
    links.datasets.push({
      ...readDataset(db, text(row, 'source_id'), run),
      tags: readEntries(db, 'input_tags', { input_uuid: row.input_uuid }, ['name', 'value']),
    })
  }
  for (const row of [...db.select('inputs', columns, { where: { source_id: run }, orderBy })]) {
    const model = text(row, 'destination_id')
    if (row.destination_type === 'MODEL_INPUT') links.modelInputs.push(model)
    if (row.destination_type === 'MODEL_OUTPUT')
      links.modelOutputs.push({ model, step: integer(row, 'step') })
  }
  return links
}

function readDataset(db: SqliteReader, id: string, run: string) {
  const columns = [
    'name',
    'digest',
    'dataset_source_type',
    'dataset_source',
    'dataset_schema',
    'dataset_profile',
  ]
  for (const row of [...db.select('datasets', columns, { where: { dataset_uuid: id } })]) {
    return {
      name: text(row, 'name'),
      digest: text(row, 'digest'),
      sourceType: text(row, 'dataset_source_type'),
      source: text(row, 'dataset_source'),
      schema: textOrNull(row, 'dataset_schema'),
      profile: textOrNull(row, 'dataset_profile'),
    }
  }
  throw fail('mlflow.source_invalid', {
    where: `${db.path}, run ${run}`,
    reason: `its dataset ${id} is missing`,
  })
}
