import { fail } from '@millrace/protocol'
import { type Page, type PageInput, readPage } from '../../kernel/paging.ts'
import { removeEdits } from '../notes/index.ts'
import { noteWebhookEvent } from '../webhooks/index.ts'
import { findAliased } from './alias-store.ts'
import { describeVersion } from './descriptions.ts'
import { checkTag } from './entries.ts'
import { requireModel, requireVersion } from './lookup.ts'
import { changeModel } from './model-store.ts'
import { type ModelVersion, type Stage, stages, type VersionRef } from './model-version.ts'
import { parseReference } from './names.ts'
import { deleteAliasesOf } from './pointers.ts'
import type { RegistryContext } from './registry-context.ts'
import { addStageMove } from './stage-store.ts'
import type { Db, RegistryTables } from './tables.ts'
import {
  findVersion,
  listLatestVersions,
  listSeals,
  listVersions,
  putVersionTags,
  redactVersion,
  removeVersionTag,
} from './version-store.ts'

export interface VersionService {
  /** @throws `model.not_found`, `model.version_not_found` */
  getVersion(of: VersionRef): Promise<ModelVersion>
  /** Newest first. @throws `model.not_found` */
  listVersions(model: string, page?: PageInput): Promise<Page<ModelVersion>>
  /** The highest version of each stage (all, if none is named) that has one. @throws `model.not_found` */
  listLatestVersions(model: string, of?: readonly Stage[]): Promise<ModelVersion[]>
  /** The same of many models at once; models that do not exist have none. */
  listLatestVersionsOf(models: readonly string[]): Promise<Map<string, ModelVersion[]>>
  /** @throws as getVersion; `model.entry_invalid` */
  updateVersion(of: VersionRef, change: { description: string | null; by?: string }): Promise<ModelVersion>
  /**
   * Takes a version away: nothing finds it any more, its aliases are deleted, its files may change and vanish. Its
   * number and label are never used again.
   * @throws as getVersion; `model.in_use` while an endpoint serves it
   */
  deleteVersion(of: VersionRef, by: string): Promise<void>
  /** @throws as getVersion; `model.entry_invalid` */
  setVersionTag(of: VersionRef, tag: { key: string; value: string }): Promise<void>
  /** A tag that does not exist is no error. @throws as getVersion */
  deleteVersionTag(of: VersionRef, key: string): Promise<void>
  /** The version behind `name@alias` or `name/version`. @throws as getVersion; `model.alias_not_found` */
  resolve(reference: string): Promise<ModelVersion>
  /** As resolve, undefined while the model, the version or the alias does not exist. */
  find(reference: string): Promise<ModelVersion | undefined>
}

export function createVersionService(context: RegistryContext): VersionService {
  const { db, clock, links, audit, unseal } = context
  const tables = () => db.tables<RegistryTables>()

  async function find(reference: string): Promise<ModelVersion | undefined> {
    const parsed = parseReference(reference)
    if ('version' in parsed) return findVersion(tables(), parsed)
    const version = await findAliased(tables(), parsed)
    return version === undefined ? undefined : findVersion(tables(), { model: parsed.model, version })
  }

  async function refuseWhileServed(of: VersionRef): Promise<void> {
    const used = (await links.listEndpoints(of.model)).filter(({ version }) => version === of.version)
    if (used.length === 0) return
    const users = [...new Set(used.map(({ endpoint }) => `"${endpoint}"`))].join(', ')
    throw fail('model.in_use', {
      what: `Version ${of.version} of model "${of.model}"`,
      action: 'deleted',
      users,
    })
  }

  return {
    getVersion: (of) => requireVersion(tables(), of),
    async listVersions(model, page) {
      await requireModel(tables(), model)
      return readPage(page, (range) => listVersions(tables(), model, range))
    },
    async listLatestVersions(model, of = stages) {
      await requireModel(tables(), model)
      return listLatestVersions(tables(), [model], of)
    },
    async listLatestVersionsOf(models) {
      return Map.groupBy(await listLatestVersions(tables(), models, stages), ({ model }) => model)
    },
    updateVersion: (of, { description, by = 'api' }) =>
      db.transaction(async (trx: Db) => {
        await describeVersion(trx, of, { description, at: clock.now(), by })
        return requireVersion(trx, of)
      }),
    async deleteVersion({ model, version }, by) {
      await requireVersion(tables(), { model, version })
      await refuseWhileServed({ model, version })
      const seals = await db.transaction(async (trx: Db) => {
        const { stage } = await requireVersion(trx, { model, version })
        const held = await listSeals(trx, { model, version })
        const decision = { at: clock.now(), by, reason: 'the version was deleted' }
        await deleteAliasesOf(trx, { model, version }, decision)
        if (stage !== 'None')
          await addStageMove(trx, { model, version, from: stage, to: 'None', ...decision })
        await redactVersion(trx, { model, version }, clock.now())
        await removeEdits(trx, { kind: 'model-version', id: `${model}/${version}` })
        await changeModel(trx, model, { updated_at: clock.now() })
        return held
      })
      await unseal(seals)
      await audit('model.version_deleted', { model, version, by })
    },
    async setVersionTag({ model, version }, { key, value }) {
      checkTag(model, { key, value })
      await db.transaction(async (trx: Db) => {
        await requireVersion(trx, { model, version })
        await putVersionTags(trx, { model, version }, { [key]: value })
        const data = { name: model, version: String(version), key, value }
        await noteWebhookEvent(trx, { entity: 'MODEL_VERSION_TAG', action: 'SET', at: clock.now(), data })
      })
    },
    async deleteVersionTag({ model, version }, key) {
      await db.transaction(async (trx: Db) => {
        await requireVersion(trx, { model, version })
        if (!(await removeVersionTag(trx, { model, version }, key))) return
        const data = { name: model, version: String(version), key }
        await noteWebhookEvent(trx, { entity: 'MODEL_VERSION_TAG', action: 'DELETED', at: clock.now(), data })
      })
    },
    find,
    async resolve(reference) {
      const parsed = parseReference(reference)
      if ('version' in parsed) return requireVersion(tables(), parsed)
      const found = await find(reference)
      if (found) return found
      await requireModel(tables(), parsed.model)
      throw fail('model.alias_not_found', parsed)
    },
  }
}
