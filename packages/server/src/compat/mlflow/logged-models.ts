import type { LoggedModelDetail, LoggedModelMetric } from '../../domains/tracking/index.ts'
import { listFiles } from './artifact-files.ts'
import type { MlflowDeps } from './deps.ts'
import { type Endpoint, endpoint, orAbsent } from './endpoint.ts'
import { entry, fromRecord, toRecord } from './wire/entries.ts'
import { experimentId } from './wire/ids.ts'
import { messageOf, required } from './wire/message.ts'
import { fromMetric } from './wire/metrics.ts'
import { bool, checked, enumOf, int64, listOf, text, withDefault } from './wire/types.ts'

const modelStatus = enumOf({
  LOGGED_MODEL_PENDING: 1,
  LOGGED_MODEL_READY: 2,
  LOGGED_MODEL_UPLOAD_FAILED: 3,
})
const statuses = {
  LOGGED_MODEL_PENDING: 'PENDING',
  LOGGED_MODEL_READY: 'READY',
  LOGGED_MODEL_UPLOAD_FAILED: 'UPLOAD_FAILED',
} as const

export function loggedModelEndpoints({ tracking, search, artifactReader }: MlflowDeps): Endpoint[] {
  return [
    endpoint({
      method: 'POST',
      path: '/logged-models',
      request: {
        experiment_id: required(experimentId),
        name: text,
        model_type: text,
        source_run_id: text,
        params: listOf(entry),
        tags: listOf(entry),
      },
      async handle({ experiment_id, name, model_type, source_run_id, params, tags }) {
        const model = await tracking.createLoggedModel({
          experimentId: experiment_id,
          name: name || undefined,
          modelType: model_type || undefined,
          sourceRun: source_run_id || undefined,
          params: toRecord(params),
          tags: toRecord(tags),
        })
        return { model: toWire(model) }
      },
    }),
    endpoint({
      method: 'POST',
      path: '/logged-models/search',
      request: {
        experiment_ids: required(listOf(experimentId)),
        filter: text,
        datasets: listOf(messageOf({ dataset_name: required(text), dataset_digest: text })),
        max_results: withDefault(
          checked(int64, (count) => (count < 1 || count > 50_000 ? 'It must be 1 to 50000.' : undefined)),
          50,
        ),
        order_by: listOf(
          messageOf({
            field_name: required(text),
            ascending: withDefault(bool, true),
            dataset_name: text,
            dataset_digest: text,
          }),
        ),
        page_token: text,
      },
      async handle({ experiment_ids, filter, datasets, max_results, order_by, page_token }) {
        const { items, nextPageToken } = await search.searchLoggedModels({
          dialect: 'mlflow',
          experiments: experiment_ids,
          filter,
          datasets: datasets.map(({ dataset_name, dataset_digest }) => ({
            name: dataset_name,
            digest: dataset_digest || undefined,
          })),
          orderBy: order_by.map(({ field_name, ascending, dataset_name, dataset_digest }) => ({
            field: field_name,
            descending: !ascending,
            dataset: dataset_name ? { name: dataset_name, digest: dataset_digest || undefined } : undefined,
          })),
          limit: max_results,
          pageToken: page_token || undefined,
        })
        return { models: orAbsent(items.map(toWire)), next_page_token: nextPageToken }
      },
    }),
    endpoint({
      method: 'GET',
      path: '/logged-models/:model_id',
      request: { model_id: required(text), allow_deleted: bool },
      handle: async ({ model_id, allow_deleted }) => ({
        model: toWire(await tracking.getLoggedModel(model_id, { allowDeleted: allow_deleted })),
      }),
    }),
    endpoint({
      method: 'PATCH',
      path: '/logged-models/:model_id',
      request: { model_id: required(text), status: required(modelStatus) },
      handle: async ({ model_id, status }) => ({
        model: toWire(await tracking.setLoggedModelStatus(model_id, { status: statuses[status] })),
      }),
    }),
    endpoint({
      method: 'DELETE',
      path: '/logged-models/:model_id',
      request: { model_id: required(text) },
      async handle({ model_id }) {
        await tracking.deleteLoggedModel(model_id)
        return {}
      },
    }),
    endpoint({
      method: 'PATCH',
      path: '/logged-models/:model_id/tags',
      request: { model_id: required(text), tags: listOf(entry) },
      async handle({ model_id, tags }) {
        await tracking.setLoggedModelTags(model_id, toRecord(tags))
        return {}
      },
    }),
    endpoint({
      method: 'DELETE',
      path: '/logged-models/:model_id/tags/:tag_key',
      request: { model_id: required(text), tag_key: required(text) },
      async handle({ model_id, tag_key }) {
        await tracking.deleteLoggedModelTag(model_id, tag_key)
        return {}
      },
    }),
    endpoint({
      method: 'POST',
      path: '/logged-models/:model_id/params',
      request: { model_id: required(text), params: listOf(entry) },
      async handle({ model_id, params }) {
        await tracking.logLoggedModelParams(model_id, toRecord(params))
        return {}
      },
    }),
    endpoint({
      method: 'GET',
      path: '/logged-models/:model_id/artifacts/directories',
      request: { model_id: required(text), artifact_directory_path: text },
      async handle({ model_id, artifact_directory_path = '' }) {
        const { artifactUri } = await tracking.getLoggedModel(model_id)
        return {
          root_uri: artifactUri,
          files: await listFiles(artifactReader, artifactUri, artifact_directory_path),
        }
      },
    }),
  ]
}

function toWire(model: LoggedModelDetail): object {
  return {
    info: {
      model_id: model.id,
      experiment_id: model.experimentId,
      name: model.name,
      creation_timestamp_ms: model.createdAt,
      last_updated_timestamp_ms: model.updatedAt,
      artifact_uri: model.artifactUri,
      status: `LOGGED_MODEL_${model.status}`,
      status_message: model.statusMessage ?? undefined,
      model_type: model.modelType ?? '',
      source_run_id: model.sourceRun ?? '',
      tags: fromRecord(model.tags),
    },
    data: {
      params: fromRecord(model.params),
      metrics: orAbsent(model.metrics.map((one) => metricOf(one, model.id))),
    },
  }
}

function metricOf(metric: LoggedModelMetric, model: string): object {
  return {
    ...fromMetric(metric),
    model_id: model,
    run_id: metric.run,
    dataset_name: metric.dataset?.name,
    dataset_digest: metric.dataset?.digest,
  }
}
