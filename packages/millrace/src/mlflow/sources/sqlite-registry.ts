import type { MlflowSource } from '../store.ts'
import { deletedStage } from './file-registry.ts'
import { integer, type SqliteReader, text, textOrNull } from './sqlite-database.ts'
import { isDefaultWorkspace, readEntries } from './sqlite-rows.ts'

/** The registry's tables. */
export function sqliteRegistry(
  db: SqliteReader,
): Pick<MlflowSource, 'listRegisteredModels' | 'listModelVersions'> {
  return {
    async *listRegisteredModels() {
      if (!db.has('registered_models')) return
      const columns = ['name', 'creation_time', 'last_updated_time', 'description', 'workspace']
      for (const row of [...db.select('registered_models', columns, { orderBy: 'name' })]) {
        if (!isDefaultWorkspace(row)) continue
        const name = text(row, 'name')
        const aliases = readEntries(db, 'registered_model_aliases', { name }, ['alias', 'version'])
        const deleted = { name, current_stage: deletedStage }
        yield {
          name,
          description: textOrNull(row, 'description'),
          createdAt: integer(row, 'creation_time'),
          updatedAt: integer(row, 'last_updated_time'),
          tags: readEntries(db, 'registered_model_tags', { name }),
          aliases: Object.fromEntries(
            Object.entries(aliases).map(([alias, version]) => [alias, Number(version)]),
          ),
          deletedVersions: Array.from(
            db.select('model_versions', ['version'], { where: deleted }),
            (version) => integer(version, 'version'),
          ),
        }
      }
    },
    async *listModelVersions(model) {
      const where = { name: model }
      for (const row of [...db.select('model_versions', versionColumns, { where, orderBy: 'version' })]) {
        if (row.current_stage === deletedStage || !isDefaultWorkspace(row)) continue
        const version = integer(row, 'version')
        const source = textOrNull(row, 'source')
        yield {
          model,
          version,
          description: textOrNull(row, 'description'),
          user: textOrNull(row, 'user_id'),
          stage: textOrNull(row, 'current_stage') ?? 'None',
          source,
          storageLocation: textOrNull(row, 'storage_location'),
          run: textOrNull(row, 'run_id') || null,
          runLink: textOrNull(row, 'run_link'),
          loggedModel: loggedModelOf(source),
          status: textOrNull(row, 'status') ?? 'READY',
          statusMessage: textOrNull(row, 'status_message'),
          createdAt: integer(row, 'creation_time'),
          updatedAt: integer(row, 'last_updated_time'),
          tags: readEntries(db, 'model_version_tags', { name: model, version }),
        }
      }
    },
  }
}

/** The logged model that a source names: the table has no column for it. */
export function loggedModelOf(source: string | null): string | null {
  return /^models:\/(m-[0-9a-f]+)$/.exec(source ?? '')?.[1] ?? null
}

const versionColumns = [
  'version',
  'creation_time',
  'last_updated_time',
  'description',
  'user_id',
  'current_stage',
  'source',
  'run_id',
  'status',
  'status_message',
  'run_link',
  'storage_location',
  'workspace',
]
