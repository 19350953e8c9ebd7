import { fail } from '@millrace/protocol'
import { type Page, type PageInput, readPage } from '../../kernel/paging.ts'
import { removeEditsOfModel, renameModelOfEdits } from '../notes/index.ts'
import { noteWebhookEvent } from '../webhooks/index.ts'
import { describeModel } from './descriptions.ts'
import { checkDescription, checkTag, checkTags } from './entries.ts'
import { requireModel } from './lookup.ts'
import {
  addModel,
  changeModel,
  completeModels,
  deleteModelRows,
  findModelRow,
  listModelRows,
  putModelTags,
  removeModelTag,
  renameModelRows,
} from './model-store.ts'
import type { RegisteredModel } from './model-version.ts'
import { checkModelName } from './names.ts'
import type { RegistryContext } from './registry-context.ts'
import type { Db, RegistryTables } from './tables.ts'
import { listSeals } from './version-store.ts'

export interface CreateModelInput {
  name: string
  description?: string | null
  userId?: string | null
  tags?: Record<string, string>
}

/** Registered models: names under which versions are kept. */
export interface ModelService {
  /** @throws `model.name_invalid`, `model.entry_invalid`, `model.exists` */
  createModel(input: CreateModelInput): Promise<RegisteredModel>
  /** @throws `model.not_found` */
  getModel(name: string): Promise<RegisteredModel>
  /** By name. */
  listModels(page?: PageInput): Promise<Page<RegisteredModel>>
  /** @throws `model.not_found`, `model.entry_invalid` */
  updateModel(name: string, change: { description: string | null; by?: string }): Promise<RegisteredModel>
  /**
   * Gives the model with versions, tags, aliases and their history another name.
   * @throws `model.not_found`, `model.name_invalid`, `model.exists`; `model.in_use` while an endpoint serves it
   */
  renameModel(name: string, newName: string): Promise<RegisteredModel>
  /**
   * Deletes the model with all its versions, for good; the name is free again.
   * @throws `model.not_found`; `model.in_use` while an endpoint serves it
   */
  deleteModel(name: string): Promise<void>
  /** @throws `model.not_found`, `model.entry_invalid` */
  setModelTag(name: string, tag: { key: string; value: string }): Promise<void>
  /** A tag that does not exist is no error. @throws `model.not_found` */
  deleteModelTag(name: string, key: string): Promise<void>
}

export function createModelService(context: RegistryContext): ModelService {
  const { db, clock, links, audit, unseal } = context
  const tables = () => db.tables<RegistryTables>()

  async function getModel(name: string): Promise<RegisteredModel> {
    const [model] = await completeModels(tables(), [await requireModel(tables(), name)])
    return model
  }

  async function refuseWhileServed(name: string, action: string): Promise<void> {
    const used = await links.listEndpoints(name)
    if (used.length === 0) return
    const users = [...new Set(used.map(({ endpoint }) => `"${endpoint}"`))].join(', ')
    throw fail('model.in_use', { what: `Model "${name}"`, action, users })
  }

  return {
    async createModel({ name, description = null, userId = null, tags = {} }) {
      checkModelName(name)
      checkDescription(name, description)
      checkTags(name, tags)
      await db.transaction<RegistryTables, void>(async (trx) => {
        const isNew = await addModel(trx, { name, description, userId, now: clock.now() })
        if (!isNew) throw fail('model.exists', { model: name })
        await putModelTags(trx, name, tags)
        const data = { name, tags, description }
        await noteWebhookEvent(trx, { entity: 'REGISTERED_MODEL', action: 'CREATED', at: clock.now(), data })
      })
      await audit('model.created', { model: name })
      return getModel(name)
    },
    getModel,
    listModels: (page) =>
      readPage(page, async (range) => completeModels(tables(), await listModelRows(tables(), range))),
    async updateModel(name, { description, by = 'api' }) {
      await db.transaction<RegistryTables, void>((trx) =>
        describeModel(trx, name, { description, at: clock.now(), by }),
      )
      return getModel(name)
    },
    async renameModel(name, newName) {
      checkModelName(newName)
      await requireModel(tables(), name)
      await refuseWhileServed(name, 'renamed')
      await db.transaction<RegistryTables, void>(async (trx) => {
        await requireModel(trx, name)
        if (newName !== name && (await findModelRow(trx, newName)))
          throw fail('model.exists', { model: newName })
        await renameModelRows(trx, name, newName)
        await renameModelOfEdits(trx, name, newName)
        await changeModel(trx, newName, { updated_at: clock.now() })
      })
      await audit('model.renamed', { model: name, name: newName })
      return getModel(newName)
    },
    async deleteModel(name) {
      await requireModel(tables(), name)
      await refuseWhileServed(name, 'deleted')
      const seals = await db.transaction(async (trx: Db) => {
        await requireModel(trx, name)
        const held = await listSeals(trx, { model: name })
        await deleteModelRows(trx, name)
        await removeEditsOfModel(trx, name)
        return held
      })
      await unseal(seals)
      await audit('model.deleted', { model: name })
    },
    async setModelTag(name, tag) {
      checkTag(name, tag)
      await db.transaction<RegistryTables, void>(async (trx) => {
        await requireModel(trx, name)
        await putModelTags(trx, name, { [tag.key]: tag.value })
      })
    },
    async deleteModelTag(name, key) {
      await db.transaction<RegistryTables, void>(async (trx) => {
        await requireModel(trx, name)
        await removeModelTag(trx, name, key)
      })
    },
  }
}
