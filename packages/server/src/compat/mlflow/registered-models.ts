import type { ModelVersion, RegisteredModel, RegistryService } from '../../domains/registry/index.ts'
import type { MlflowDeps } from './deps.ts'
import { type Endpoint, endpoint, orAbsent } from './endpoint.ts'
import { MlflowError } from './mlflow-error.ts'
import { decisionOf, userOf } from './user.ts'
import { entry, fromRecord, toRecord } from './wire/entries.ts'
import { versionNumber } from './wire/ids.ts'
import { required } from './wire/message.ts'
import { fromListedVersion, fromVersion } from './wire/model-versions.ts'
import { stage } from './wire/stage.ts'
import { checked, int64, listOf, text, withDefault } from './wire/types.ts'

export function registeredModelEndpoints({ registry, search }: MlflowDeps): Endpoint[] {
  return [
    endpoint({
      method: 'POST',
      path: '/registered-models/create',
      request: { name: required(text), tags: listOf(entry), description: text },
      async handle({ name, tags, description }, request) {
        const model = await registry.createModel({
          name,
          description,
          tags: toRecord(tags),
          userId: userOf(request) || undefined,
        })
        return { registered_model: toWire(model, []) }
      },
    }),
    endpoint({
      method: 'GET',
      path: '/registered-models/get',
      request: { name: required(text) },
      handle: async ({ name }) => ({
        registered_model: await withVersions(registry, await registry.getModel(name)),
      }),
    }),
    endpoint({
      method: 'POST',
      path: '/registered-models/rename',
      request: { name: required(text), new_name: required(text) },
      handle: async ({ name, new_name }) => ({
        registered_model: await withVersions(registry, await registry.renameModel(name, new_name)),
      }),
    }),
    endpoint({
      method: 'PATCH',
      path: '/registered-models/update',
      request: { name: required(text), description: text },
      async handle({ name, description = '' }, request) {
        const { by } = decisionOf(userOf(request))
        const updated = await registry.updateModel(name, { description, by })
        return { registered_model: await withVersions(registry, updated) }
      },
    }),
    endpoint({
      method: 'DELETE',
      path: '/registered-models/delete',
      request: { name: required(text) },
      async handle({ name }) {
        await registry.deleteModel(name)
        return {}
      },
    }),
    endpoint({
      method: 'GET',
      path: '/registered-models/search',
      request: {
        filter: text,
        max_results: withDefault(
          checked(int64, (count) => (count < 1 || count > 1000 ? 'It must be 1 to 1000.' : undefined)),
          100,
        ),
        order_by: listOf(text),
        page_token: text,
      },
      async handle({ filter, max_results, order_by, page_token }) {
        const { items, nextPageToken } = await search.searchRegisteredModels({
          dialect: 'mlflow',
          filter,
          limit: max_results,
          orderBy: order_by,
          pageToken: page_token || undefined,
        })
        const latest = await registry.listLatestVersionsOf(items.map(({ name }) => name))
        return {
          registered_models: orAbsent(items.map((model) => toWire(model, latest.get(model.name) ?? []))),
          next_page_token: nextPageToken,
        }
      },
    }),
    endpoint({
      method: ['POST', 'GET'],
      path: '/registered-models/get-latest-versions',
      request: { name: required(text), stages: listOf(stage) },
      async handle({ name, stages }) {
        const versions = await registry.listLatestVersions(name, stages.length === 0 ? undefined : stages)
        return { model_versions: orAbsent(versions.map(fromVersion)) }
      },
    }),
    endpoint({
      method: 'POST',
      path: '/registered-models/set-tag',
      request: { name: required(text), key: required(text), value: text },
      async handle({ name, key, value = '' }) {
        await registry.setModelTag(name, { key, value })
        return {}
      },
    }),
    endpoint({
      method: 'DELETE',
      path: '/registered-models/delete-tag',
      request: { name: required(text), key: required(text) },
      async handle({ name, key }) {
        await registry.deleteModelTag(name, key)
        return {}
      },
    }),
    endpoint({
      method: 'POST',
      path: '/registered-models/alias',
      request: { name: required(text), alias: required(text), version: required(versionNumber) },
      async handle({ name, alias, version }, request) {
        await registry.setAlias({ model: name, alias, version, ...decisionOf(userOf(request)) })
        return {}
      },
    }),
    endpoint({
      method: 'DELETE',
      path: '/registered-models/alias',
      request: { name: required(text), alias: required(text) },
      async handle({ name, alias }, request) {
        await registry.deleteAlias({ model: name, alias }, decisionOf(userOf(request)))
        return {}
      },
    }),
    endpoint({
      method: 'GET',
      path: '/registered-models/alias',
      request: { name: required(text), alias: required(text) },
      handle: async ({ name, alias }) => ({
        model_version: fromVersion(await findAliased(registry, name, alias)),
      }),
    }),
  ]
}

/** `latest` is no alias that can be set: it reads as the newest version. */
async function findAliased(registry: RegistryService, model: string, alias: string): Promise<ModelVersion> {
  if (alias.toLowerCase() !== 'latest') return registry.resolve(`${model}@${alias}`)
  const { latestVersion } = await registry.getModel(model)
  if (latestVersion > 0) return registry.getVersion({ model, version: latestVersion })
  throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `Latest version not found for model ${model}.`)
}

async function withVersions(registry: RegistryService, model: RegisteredModel): Promise<object> {
  return toWire(model, await registry.listLatestVersions(model.name))
}

function toWire(model: RegisteredModel, latest: readonly ModelVersion[]): object {
  const aliases = Object.entries(model.aliases)
  return {
    name: model.name,
    creation_timestamp: model.createdAt,
    last_updated_timestamp: model.updatedAt,
    user_id: model.userId ?? undefined,
    description: model.description || undefined,
    latest_versions: orAbsent(latest.map(fromListedVersion)),
    tags: fromRecord(model.tags),
    aliases: orAbsent(aliases.map(([alias, version]) => ({ alias, version: String(version) }))),
  }
}
