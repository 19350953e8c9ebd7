import { join } from 'node:path'
import type { MlflowSource, StoredModelVersion, StoredRegisteredModel } from '../store.ts'
import { listFolders, readEntries } from './file-entries.ts'
import { invalid, openMeta } from './meta-file.ts'
import type { Problems } from './problems.ts'

/** Versions that were deleted stay in the folder under this stage. */
export const deletedStage = 'Deleted_Internal'

/** The registry of a file store: a folder per model, in it a folder per version. */
export function fileRegistry(
  root: string,
  problems: Problems,
): Pick<MlflowSource, 'listRegisteredModels' | 'listModelVersions'> {
  return {
    async *listRegisteredModels() {
      for (const name of await listFolders(root)) {
        const model = await problems.attempt(() => readModel(join(root, name), problems))
        if (model) yield model
      }
    },
    async *listModelVersions(model) {
      yield* (await readVersions(join(root, model), problems)).filter(({ stage }) => stage !== deletedStage)
    },
  }
}

async function readModel(path: string, problems: Problems): Promise<StoredRegisteredModel> {
  const meta = await openMeta(join(path, 'meta.yaml'))
  const aliases = await readEntries(join(path, 'aliases'))
  const deleted = (await readVersions(path, problems)).filter(({ stage }) => stage === deletedStage)
  return {
    name: meta.text('name'),
    description: meta.textOrNull('description'),
    createdAt: meta.integer('creation_timestamp'),
    updatedAt: meta.integer('last_updated_timestamp'),
    tags: await readEntries(join(path, 'tags')),
    aliases: Object.fromEntries(
      Object.entries(aliases).map(([alias, version]) => [
        alias,
        versionOf(version, join(path, 'aliases', alias)),
      ]),
    ),
    deletedVersions: deleted.map(({ version }) => version),
  }
}

async function readVersions(folder: string, problems: Problems): Promise<StoredModelVersion[]> {
  const names = (await listFolders(folder)).filter((name) => name.startsWith('version-'))
  const versions: StoredModelVersion[] = []
  for (const name of names) {
    const version = await problems.attempt(() => readVersion(join(folder, name)))
    if (version) versions.push(version)
  }
  return versions.sort((a, b) => a.version - b.version)
}

async function readVersion(path: string): Promise<StoredModelVersion> {
  const meta = await openMeta(join(path, 'meta.yaml'))
  return {
    model: meta.text('name'),
    version: meta.integer('version'),
    description: meta.textOrNull('description'),
    user: meta.textOrNull('user_id'),
    // Plain None is the word of the registry for "no stage".
    stage: meta.textOrNull('current_stage') ?? 'None',
    source: meta.textOrNull('source'),
    storageLocation: meta.textOrNull('storage_location'),
    run: meta.textOrNull('run_id'),
    runLink: meta.textOrNull('run_link'),
    loggedModel: meta.textOrNull('model_id'),
    status: meta.textOrNull('status') ?? 'READY',
    statusMessage: meta.textOrNull('status_message'),
    createdAt: meta.integer('creation_timestamp'),
    updatedAt: meta.integer('last_updated_timestamp'),
    tags: await readEntries(join(path, 'tags')),
  }
}

function versionOf(text: string, path: string): number {
  const version = Number(text.trim())
  if (!Number.isSafeInteger(version) || version < 1) throw invalid(path, `"${text}" is not a version`)
  return version
}
