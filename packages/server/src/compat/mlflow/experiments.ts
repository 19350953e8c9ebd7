import { isPlatformError } from '@millrace/protocol'
import type { Experiment } from '../../domains/tracking/index.ts'
import type { MlflowDeps } from './deps.ts'
import { type Endpoint, endpoint } from './endpoint.ts'
import { MlflowError } from './mlflow-error.ts'
import { decisionOf, userOf } from './user.ts'
import { entry, fromRecord, toRecord } from './wire/entries.ts'
import { experimentId, resultLimit, viewType } from './wire/ids.ts'
import { required } from './wire/message.ts'
import { listOf, text } from './wire/types.ts'

/** Most experiments, or runs, of one answer. */
export const mostResults = 50_000
/** Most experiments whose datasets are summarized at once. */
const mostSearched = 20

export function experimentEndpoints({ tracking, search }: MlflowDeps): Endpoint[] {
  return [
    endpoint({
      method: 'POST',
      path: '/experiments/create',
      request: { name: required(text), artifact_location: text, tags: listOf(entry) },
      async handle({ name, artifact_location, tags }) {
        const { id } = await tracking.createExperiment({
          name,
          artifactLocation: artifact_location || undefined,
          tags: toRecord(tags),
        })
        return { experiment_id: id }
      },
    }),
    endpoint({
      method: 'GET',
      path: '/experiments/get',
      request: { experiment_id: required(experimentId) },
      handle: async ({ experiment_id }) => ({
        experiment: toWire(await tracking.getExperiment(experiment_id)),
      }),
    }),
    endpoint({
      method: 'GET',
      path: '/experiments/get-by-name',
      request: { experiment_name: required(text) },
      async handle({ experiment_name }) {
        try {
          return { experiment: toWire(await tracking.getExperimentByName(experiment_name)) }
        } catch (error) {
          if (!isPlatformError(error) || error.code !== 'experiment.not_found') throw error
          throw new MlflowError(
            'RESOURCE_DOES_NOT_EXIST',
            `Could not find experiment with name '${experiment_name}'`,
          )
        }
      },
    }),
    endpoint({
      method: ['POST', 'GET'],
      path: '/experiments/search',
      request: {
        max_results: resultLimit(mostResults),
        page_token: text,
        filter: text,
        order_by: listOf(text),
        view_type: viewType,
      },
      async handle({ max_results, page_token, filter, order_by, view_type }) {
        const { items, nextPageToken } = await search.searchExperiments({
          dialect: 'mlflow',
          filter,
          orderBy: order_by,
          view: view_type,
          limit: max_results,
          pageToken: page_token || undefined,
        })
        return {
          experiments: items.length === 0 ? undefined : items.map(toWire),
          next_page_token: nextPageToken,
        }
      },
    }),
    endpoint({
      method: 'POST',
      path: '/experiments/delete',
      request: { experiment_id: required(experimentId) },
      async handle({ experiment_id }) {
        await tracking.deleteExperiment(experiment_id)
        return {}
      },
    }),
    endpoint({
      method: 'POST',
      path: '/experiments/restore',
      request: { experiment_id: required(experimentId) },
      async handle({ experiment_id }) {
        await tracking.restoreExperiment(experiment_id)
        return {}
      },
    }),
    endpoint({
      method: 'POST',
      path: '/experiments/update',
      request: { experiment_id: required(experimentId), new_name: required(text) },
      async handle({ experiment_id, new_name }) {
        await tracking.renameExperiment(experiment_id, new_name)
        return {}
      },
    }),
    endpoint({
      method: 'POST',
      path: '/experiments/set-experiment-tag',
      request: { experiment_id: required(experimentId), key: required(text), value: text },
      async handle({ experiment_id, key, value = '' }, request) {
        const { by } = decisionOf(userOf(request))
        await tracking.setExperimentTags(experiment_id, { [key]: value }, by)
        return {}
      },
    }),
    endpoint({
      method: 'POST',
      path: '/experiments/delete-experiment-tag',
      request: { experiment_id: required(experimentId), key: required(text) },
      async handle({ experiment_id, key }, request) {
        await tracking.deleteExperimentTag(experiment_id, key, decisionOf(userOf(request)).by)
        return {}
      },
    }),
    endpoint({
      method: 'POST',
      path: '/experiments/search-datasets',
      ajaxOnly: true,
      request: { experiment_ids: listOf(experimentId) },
      async handle({ experiment_ids }) {
        if (experiment_ids.length === 0 || experiment_ids.length > mostSearched) {
          throw new MlflowError(
            'INVALID_PARAMETER_VALUE',
            experiment_ids.length === 0
              ? 'SearchDatasets request must specify at least one experiment_id.'
              : `SearchDatasets request cannot specify more than ${mostSearched} experiment_ids. Received ${experiment_ids.length} experiment_ids.`,
          )
        }
        const summaries = await tracking.summarizeDatasets(experiment_ids)
        const wire = summaries.map(({ experimentId: experiment_id, name, digest, context }) => ({
          experiment_id,
          name,
          digest,
          context: context ?? undefined,
        }))
        return { dataset_summaries: wire.length === 0 ? undefined : wire }
      },
    }),
  ]
}

function toWire(experiment: Experiment): object {
  return {
    experiment_id: experiment.id,
    name: experiment.name,
    workspace: 'default',
    artifact_location: experiment.artifactLocation,
    lifecycle_stage: experiment.lifecycleStage,
    last_update_time: experiment.updatedAt,
    creation_time: experiment.createdAt,
    tags: fromRecord(experiment.tags),
  }
}
