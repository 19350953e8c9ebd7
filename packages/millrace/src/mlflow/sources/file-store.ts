import { access } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type {
  ArtifactFolder,
  LoggedModelStatus,
  MlflowSource,
  RunStatus,
  StoredExperiment,
  StoredLoggedModel,
  StoredRun,
} from '../store.ts'
import { listFolders, listKeys, readEntries, readMetricFile, readModelMetricFile } from './file-entries.ts'
import { fileRegistry } from './file-registry.ts'
import { type Datasets, readDatasets, readRunLinks } from './file-run-links.ts'
import { localArtifacts, localPathOf, unreachableArtifacts } from './local-artifacts.ts'
import { openMeta } from './meta-file.ts'
import { pagesOf } from './pages.ts'
import { createProblems } from './problems.ts'

const trash = '.trash'
/** Folders of an experiment that are no runs. */
const reserved = new Set(['tags', 'datasets', 'traces', 'models'])

const runStatuses = {
  '1': 'RUNNING',
  '2': 'SCHEDULED',
  '3': 'FINISHED',
  '4': 'FAILED',
  '5': 'KILLED',
} as const satisfies Record<string, RunStatus>
const modelStatuses = {
  '0': 'PENDING',
  '1': 'PENDING',
  '2': 'READY',
  '3': 'UPLOAD_FAILED',
} as const satisfies Record<string, LoggedModelStatus>

/** Where an experiment was found: in the trash or not. */
interface FoundExperiment extends StoredExperiment {
  folder: string
}

/**
 * Reads the folder of MLflow's file store (`mlruns`).
 * @param folder Its root, which holds a folder per experiment, `.trash` and `models`.
 * One run, model or experiment that cannot be read keeps nobody from reading the others.
 */
export function createFileSource(folder: string, options: { artifacts?: string } = {}): MlflowSource {
  const root = resolve(folder)
  const places = { base: dirname(root), proxied: options.artifacts ?? join(dirname(root), 'mlartifacts') }
  const folders = new Map<string, string>()
  const problems = createProblems()
  const folderOf = (experiment: string) => folders.get(experiment) ?? join(root, experiment)

  async function readExperiment(path: string): Promise<FoundExperiment> {
    const meta = await openMeta(join(path, 'meta.yaml'))
    return {
      folder: path,
      id: meta.text('experiment_id'),
      name: meta.text('name'),
      artifactLocation: meta.textOrNull('artifact_location'),
      lifecycle: meta.oneOf('lifecycle_stage', { active: 'active', deleted: 'deleted' }),
      createdAt: meta.integerOrNull('creation_time'),
      updatedAt: meta.integerOrNull('last_update_time'),
      tags: await readEntries(join(path, 'tags')),
    }
  }

  async function readRun(experiment: string, id: string, datasets: Datasets): Promise<StoredRun> {
    const path = join(folderOf(experiment), id)
    const meta = await openMeta(join(path, 'meta.yaml'))
    const tags = await readEntries(join(path, 'tags'))
    return {
      id,
      experimentId: experiment,
      name: meta.textOrNull('run_name') || tags['mlflow.runName'] || meta.textOrNull('name') || '',
      user: meta.textOrNull('user_id'),
      status: meta.oneOf('status', runStatuses),
      startedAt: meta.integerOrNull('start_time'),
      endedAt: meta.integerOrNull('end_time'),
      lifecycle: meta.oneOf('lifecycle_stage', { active: 'active', deleted: 'deleted' }),
      deletedAt: meta.integerOrNull('deleted_time'),
      artifactUri: meta.textOrNull('artifact_uri'),
      params: await readEntries(join(path, 'params')),
      tags,
      metricKeys: await listKeys(join(path, 'metrics')),
      ...(await readRunLinks(path, datasets)),
    }
  }

  async function readLoggedModel(experiment: string, id: string): Promise<StoredLoggedModel> {
    const path = join(folderOf(experiment), 'models', id)
    const meta = await openMeta(join(path, 'meta.yaml'))
    const metrics = join(path, 'metrics')
    const points = []
    for (const key of await listKeys(metrics)) points.push(...(await readModelMetricFile(metrics, key)))
    return {
      id,
      experimentId: experiment,
      name: meta.text('name'),
      type: meta.textOrNull('model_type'),
      sourceRun: meta.textOrNull('source_run_id'),
      artifactUri: meta.textOrNull('artifact_location'),
      status: meta.oneOf('status', modelStatuses),
      statusMessage: meta.textOrNull('status_message'),
      lifecycle: meta.textOrNull('lifecycle_stage') === 'deleted' ? 'deleted' : 'active',
      createdAt: meta.integer('creation_timestamp'),
      updatedAt: meta.integer('last_updated_timestamp'),
      params: await readEntries(join(path, 'params')),
      tags: await readEntries(join(path, 'tags')),
      metrics: points,
    }
  }

  /** The recorded location names where the folder was once; what lies within it has moved along with it. */
  function artifactsOf(uri: string | null, within: string): ArtifactFolder {
    const inside = join(within, 'artifacts')
    const path = uri === null ? inside : localPathOf(uri, places)
    if (path === undefined) return unreachableArtifacts(uri)
    const tail = join(basename(dirname(within)), basename(within), 'artifacts')
    return localArtifacts(path.endsWith(tail) ? inside : path)
  }

  return {
    label: `file store ${root}`,
    async *listExperiments() {
      for (const parent of [root, join(root, trash)]) {
        for (const name of await listFolders(parent)) {
          const path = join(parent, name)
          if (parent === root && (name === trash || name === 'models')) continue
          // A folder without meta data is nobody's: MLflow passes over it likewise.
          if (!(await exists(join(path, 'meta.yaml')))) continue
          const read = await problems.attempt(() => readExperiment(path))
          if (!read) continue
          const { folder: at, ...experiment } = read
          folders.set(experiment.id, at)
          yield experiment
        }
      }
    },
    async countRuns({ id }) {
      const names = (await listFolders(folderOf(id))).filter((name) => !reserved.has(name))
      return names.length + (await listFolders(join(folderOf(id), 'models'))).length
    },
    async *listRuns(experiment) {
      const folder = folderOf(experiment.id)
      const datasets = await readDatasets(join(folder, 'datasets'))
      for (const name of await listFolders(folder)) {
        if (reserved.has(name) || !(await exists(join(folder, name, 'meta.yaml')))) continue
        const run = await problems.attempt(() => readRun(experiment.id, name, datasets))
        if (run) yield run
      }
    },
    async *listMetrics(run) {
      const path = join(folderOf(run.experimentId), run.id, 'metrics')
      for (const key of run.metricKeys) yield* pagesOf(await readMetricFile(path, key))
    },
    async *listLoggedModels(experiment) {
      for (const id of await listFolders(join(folderOf(experiment.id), 'models'))) {
        const model = await problems.attempt(() => readLoggedModel(experiment.id, id))
        if (model) yield model
      }
    },
    ...fileRegistry(join(root, 'models'), problems),
    runArtifacts: (run) => artifactsOf(run.artifactUri, join(folderOf(run.experimentId), run.id)),
    loggedModelArtifacts: (model) =>
      artifactsOf(model.artifactUri, join(folderOf(model.experimentId), 'models', model.id)),
    async listLeftOut(experiments) {
      let count = 0
      for (const { id } of experiments) count += (await listFolders(join(folderOf(id), 'traces'))).length
      return count > 0 ? [{ what: 'traces', count, reason: 'there is nothing that they could become' }] : []
    },
    listProblems: problems.list,
    async close() {},
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
