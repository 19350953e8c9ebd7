import { fail } from '@millrace/protocol'
import type { Clock } from '../../kernel/clock.ts'
import type { Database } from '../../ports/database.ts'
import { recordEdit } from '../notes/index.ts'
import { checkDescription, checkTags } from './entries.ts'
import { requireModel } from './lookup.ts'
import { addModel, findModelRow, putModelTags } from './model-store.ts'
import type { ModelVersion, Stage, VersionRef, VersionStatus } from './model-version.ts'
import { checkModelName } from './names.ts'
import type { RegistryService } from './service.ts'
import type { Db, RegistryTables, VersionRow } from './tables.ts'
import { nextLabel } from './version-label.ts'
import { findVersion, lastNumber, putVersionTags } from './version-store.ts'

/** A registered model as another registry has it. */
export interface ImportedModel {
  name: string
  description: string | null
  /** Milliseconds. */
  createdAt: number
  updatedAt: number
  tags: Record<string, string>
}

/** A version as another registry has it, with its own number. */
export interface ImportedVersion extends VersionRef {
  description: string | null
  userId: string | null
  stage: Stage
  /** As `createVersion` takes it: where its files are now. */
  source: string
  runId: string | null
  runLink: string | null
  modelId: string | null
  status: VersionStatus
  /** Why it has its status. */
  reason: string
  createdAt: number
  updatedAt: number
  tags: Record<string, string>
}

export type ImportOutcome = 'created' | 'changed' | 'unchanged'

/**
 * Takes over what another registry has, with its numbers, times and states. Everything can be sent again: what is here
 * already is brought up to date, and nothing is ever there twice.
 */
export interface RegistryImport {
  /** Send it again after versions and aliases: they touch its time. @throws `model.name_invalid`, `model.entry_invalid` */
  importModel(model: ImportedModel): Promise<{ outcome: ImportOutcome }>
  /**
   * Versions come lowest first: numbers that are passed over are taken for deleted ones.
   * @throws `import.conflict` if the number was given to another version here, or one that was deleted here; errors of
   * `createVersion`
   */
  importVersion(version: ImportedVersion): Promise<{ outcome: ImportOutcome }>
  /** Numbers beyond the last version that deleted ones had: they are not given again. @throws `model.not_found` */
  importDeletedVersions(model: string, versions: readonly number[]): Promise<void>
  /** Numbers that deleted versions had. */
  listDeletedVersions(model: string): Promise<number[]>
  /** @throws errors of `setAlias` */
  importAliases(model: string, aliases: Record<string, number>): Promise<{ outcome: ImportOutcome }>
}

export function createRegistryImport({
  db,
  clock,
  registry,
}: {
  db: Database
  clock: Clock
  registry: Pick<RegistryService, 'createVersion' | 'setAlias'>
}): RegistryImport {
  /** What a number stood for that no version here has: nothing is known of it but that it is taken. */
  async function takeNumbers(trx: Db, model: string, upTo: number): Promise<void> {
    const last = await lastNumber(trx, model)
    let label = last?.label
    for (let version = (last?.version ?? 0) + 1; version <= upTo; version++) {
      label = nextLabel(label, 'data')
      await trx
        .insertInto('model_versions')
        .values(deletedRow({ model, version }, label, clock.now()))
        .execute()
    }
  }

  return {
    async importModel({ name, description, createdAt, updatedAt, tags }) {
      checkModelName(name)
      checkDescription(name, description)
      checkTags(name, tags)
      return db.transaction<RegistryTables, { outcome: ImportOutcome }>(async (trx) => {
        const isNew = await addModel(trx, { name, description, userId: null, now: createdAt })
        const row = await findModelRow(trx, name)
        const before = await trx
          .selectFrom('registered_model_tags')
          .selectAll()
          .where('model', '=', name)
          .execute()
        const tagged = differ(tags, before)
        await putModelTags(trx, name, tagged)
        const wanted = { description, created_at: createdAt, updated_at: updatedAt }
        const moved =
          row !== undefined && Object.entries(wanted).some(([key, value]) => row[key as 'name'] !== value)
        const edit = { from: row?.description ?? '', to: description ?? '', at: clock.now(), by: 'import' }
        await recordEdit(trx, { kind: 'model', id: name }, edit)
        if (moved) await trx.updateTable('registered_models').set(wanted).where('name', '=', name).execute()
        return { outcome: outcomeOf(isNew, moved || Object.keys(tagged).length > 0) }
      })
    },

    async importVersion(imported) {
      const { model, version, source, runId, modelId, runLink, description, userId, tags } = imported
      checkTags(model, tags)
      const existing = await findVersion(db.tables(), { model, version })
      if (existing && existing.source !== source) {
        const reason = `its source is ${existing.source} here and ${source} there`
        throw fail('import.conflict', { what: `Version ${version} of model "${model}"`, reason })
      }
      if (!existing) {
        await db.transaction<RegistryTables, void>(async (trx) => {
          await requireModel(trx, model)
          const last = (await lastNumber(trx, model))?.version ?? 0
          if (last >= version) {
            const reason = 'a version of that number was deleted here'
            throw fail('import.conflict', { what: `Version ${version} of model "${model}"`, reason })
          }
          await takeNumbers(trx, model, version - 1)
        })
        const input = { model, source, runId, modelId, runLink, description, userId, tags }
        const created = await registry.createVersion(input)
        if (created.version !== version) {
          const reason = `somebody registered a version at the same time; it became version ${created.version}`
          throw fail('import.conflict', { what: `Version ${version} of model "${model}"`, reason })
        }
      }
      const changed = await db.transaction<RegistryTables, boolean>((trx) =>
        settle(trx, imported, clock.now()),
      )
      return { outcome: outcomeOf(!existing, changed) }
    },

    async importDeletedVersions(model, versions) {
      await db.transaction<RegistryTables, void>(async (trx) => {
        await requireModel(trx, model)
        await takeNumbers(trx, model, Math.max(0, ...versions))
      })
    },

    async listDeletedVersions(model) {
      const rows = await db
        .tables<RegistryTables>()
        .selectFrom('model_versions')
        .select('version')
        .where('model', '=', model)
        .where('deleted_at', 'is not', null)
        .orderBy('version')
        .execute()
      return rows.map(({ version }) => version)
    },

    async importAliases(model, aliases) {
      const rows = await db
        .tables<RegistryTables>()
        .selectFrom('model_aliases')
        .selectAll()
        .where('model', '=', model)
        .execute()
      const current = new Map(rows.map(({ alias, version }) => [alias, version]))
      const moved = Object.entries(aliases).filter(([alias, version]) => current.get(alias) !== version)
      for (const [alias, version] of moved) {
        await registry.setAlias({
          model,
          alias,
          version,
          by: 'import',
          reason: 'It was so where it was imported from.',
        })
      }
      return { outcome: outcomeOf(false, moved.length > 0) }
    },
  }
}

/** Gives a version that is here the times and states that it had there. @returns whether that changed anything */
async function settle(trx: Db, imported: ImportedVersion, now: number): Promise<boolean> {
  const { model, version } = imported
  const found = (await findVersion(trx, { model, version })) as ModelVersion
  const wanted = {
    description: imported.description,
    user_id: imported.userId,
    stage: imported.stage,
    run_link: imported.runLink,
    status: imported.status,
    reason: imported.reason,
    created_at: imported.createdAt,
    updated_at: imported.updatedAt,
  }
  const row = await trx
    .selectFrom('model_versions')
    .selectAll()
    .where('model', '=', model)
    .where('version', '=', version)
    .executeTakeFirstOrThrow()
  const tagged = differ(
    imported.tags,
    Object.entries(found.tags).map(([key, value]) => ({ key, value })),
  )
  await putVersionTags(trx, { model, version }, tagged)
  const moved = Object.entries(wanted).some(([key, value]) => row[key as 'source'] !== value)
  const edit = { from: found.description ?? '', to: imported.description ?? '', at: now, by: 'import' }
  await recordEdit(trx, { kind: 'model-version', id: `${model}/${version}` }, edit)
  if (moved) {
    await trx
      .updateTable('model_versions')
      .set(wanted)
      .where('model', '=', model)
      .where('version', '=', version)
      .execute()
  }
  return moved || Object.keys(tagged).length > 0
}

/** Entries that are not among the rows. */
function differ(
  wanted: Record<string, string>,
  rows: readonly { key: string; value: string }[],
): Record<string, string> {
  const existing = new Map(rows.map(({ key, value }) => [key, value]))
  return Object.fromEntries(Object.entries(wanted).filter(([key, value]) => existing.get(key) !== value))
}

function outcomeOf(isNew: boolean, changed: boolean): ImportOutcome {
  return isNew ? 'created' : changed ? 'changed' : 'unchanged'
}

function deletedRow({ model, version }: VersionRef, label: string, now: number): VersionRow {
  return {
    model,
    version,
    idempotency_key: null,
    status: 'READY',
    reason: 'It was deleted where it was imported from.',
    stage: 'None',
    source: null,
    storage_location: null,
    run_id: null,
    run_link: null,
    model_id: null,
    description: null,
    user_id: null,
    digest: null,
    seal: null,
    spec: null,
    label,
    change: JSON.stringify({ kind: 'data', details: [] }),
    manifest: null,
    training_set: null,
    gate: null,
    lineage: '{}',
    created_at: now,
    updated_at: now,
    deleted_at: now,
  }
}
