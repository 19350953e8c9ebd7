import type { MlflowDeps } from './deps.ts'
import { type Endpoint, endpoint, orAbsent } from './endpoint.ts'
import { decisionOf, userOf } from './user.ts'
import { entry, toRecord } from './wire/entries.ts'
import { versionNumber } from './wire/ids.ts'
import { required } from './wire/message.ts'
import { fromListedVersion, fromVersion } from './wire/model-versions.ts'
import { stage } from './wire/stage.ts'
import { bool, checked, int64, listOf, text, withDefault } from './wire/types.ts'

const mostVersions = 200_000

const versionFields = { name: required(text), version: required(versionNumber) } as const

export function modelVersionEndpoints({ registry, search }: MlflowDeps): Endpoint[] {
  return [
    endpoint({
      method: 'POST',
      path: '/model-versions/create',
      request: {
        name: required(text),
        source: required(text),
        run_id: text,
        tags: listOf(entry),
        run_link: text,
        description: text,
        model_id: text,
      },
      async handle({ name, source, run_id, tags, run_link, description, model_id }, request) {
        const version = await registry.createVersion({
          model: name,
          source,
          runId: run_id || undefined,
          modelId: model_id || undefined,
          runLink: run_link || undefined,
          description: description || undefined,
          userId: userOf(request) || undefined,
          tags: toRecord(tags),
        })
        return { model_version: fromVersion(version) }
      },
    }),
    endpoint({
      method: 'GET',
      path: '/model-versions/get',
      request: versionFields,
      handle: async ({ name, version }) => ({
        model_version: fromVersion(await registry.getVersion({ model: name, version })),
      }),
    }),
    endpoint({
      method: 'PATCH',
      path: '/model-versions/update',
      request: { ...versionFields, description: text },
      async handle({ name, version, description = '' }, request) {
        const { by } = decisionOf(userOf(request))
        const updated = await registry.updateVersion({ model: name, version }, { description, by })
        return { model_version: fromVersion(updated) }
      },
    }),
    endpoint({
      method: 'DELETE',
      path: '/model-versions/delete',
      request: versionFields,
      async handle({ name, version }, request) {
        await registry.deleteVersion({ model: name, version }, decisionOf(userOf(request)).by)
        return {}
      },
    }),
    endpoint({
      method: 'GET',
      path: '/model-versions/search',
      request: {
        filter: text,
        max_results: withDefault(
          checked(int64, (count) =>
            count < 1 || count > mostVersions ? `It must be 1 to ${mostVersions}.` : undefined,
          ),
          mostVersions,
        ),
        order_by: listOf(text),
        page_token: text,
      },
      async handle({ filter, max_results, order_by, page_token }) {
        const { items, nextPageToken } = await search.searchModelVersions({
          dialect: 'mlflow',
          filter,
          limit: max_results,
          orderBy: order_by,
          pageToken: page_token || undefined,
        })
        return { model_versions: orAbsent(items.map(fromListedVersion)), next_page_token: nextPageToken }
      },
    }),
    endpoint({
      method: 'GET',
      path: '/model-versions/get-download-uri',
      request: versionFields,
      async handle({ name, version }) {
        const { storageLocation, source } = await registry.getVersion({ model: name, version })
        return { artifact_uri: storageLocation ?? source ?? '' }
      },
    }),
    endpoint({
      method: 'POST',
      path: '/model-versions/transition-stage',
      request: { ...versionFields, stage: required(stage), archive_existing_versions: bool },
      async handle({ name, version, stage: to, archive_existing_versions }, request) {
        const moved = await registry.transitionStage({
          model: name,
          version,
          stage: to,
          archiveExisting: archive_existing_versions,
          ...decisionOf(userOf(request)),
        })
        return { model_version: fromVersion(moved) }
      },
    }),
    endpoint({
      method: 'POST',
      path: '/model-versions/set-tag',
      request: { ...versionFields, key: required(text), value: text },
      async handle({ name, version, key, value = '' }) {
        await registry.setVersionTag({ model: name, version }, { key, value })
        return {}
      },
    }),
    endpoint({
      method: 'DELETE',
      path: '/model-versions/delete-tag',
      request: { ...versionFields, key: required(text) },
      async handle({ name, version, key }) {
        await registry.deleteVersionTag({ model: name, version }, key)
        return {}
      },
    }),
  ]
}
