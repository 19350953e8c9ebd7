import { createMillraceTarget } from '../move/millrace-target.ts'
import type { LoggedModelMetric, MlflowSource, StoredLoggedModel } from '../store.ts'
import { createRestSource } from './rest.ts'
import type { Json, RestClient } from './rest-client.ts'

/**
 * A Millrace server as a source: it speaks MLflow's protocol, and tells by routes of its own what that has no words for:
 * infinities, times of deletion, numbers of deleted versions, deleted logged models, all that was measured of a model.
 */
export function createMillraceSource(client: RestClient): MlflowSource {
  const rest = createRestSource(client)
  const { listMetrics } = createMillraceTarget(client)
  const at = encodeURIComponent

  async function* items(path: string, query: Record<string, string | number>): AsyncIterable<Json> {
    let pageToken: string | undefined
    do {
      const answer = await client.get(path, { ...query, pageToken })
      yield* answer.items
      pageToken = answer.nextPageToken
    } while (pageToken)
  }

  async function listModelMetrics(model: string): Promise<LoggedModelMetric[]> {
    const metrics: LoggedModelMetric[] = []
    for await (const { dataset, value, ...point } of items(`/v1/imports/logged-models/${at(model)}/metrics`, {
      limit: 5000,
    })) {
      const datasetName = dataset?.name ?? null
      metrics.push({ ...point, value: Number(value), datasetName, datasetDigest: dataset?.digest ?? null })
    }
    return metrics
  }

  return {
    ...rest,
    label: client.url,
    async *listRuns(experiment) {
      for await (const run of rest.listRuns(experiment)) {
        if (run.lifecycle === 'active') yield run
        else yield { ...run, deletedAt: (await client.get(`/v1/runs/${at(run.id)}`)).deletedAt }
      }
    },
    listMetrics: (run) => listMetrics(run.id),
    async *listLoggedModels(experiment) {
      for await (const model of rest.listLoggedModels(experiment)) {
        yield { ...model, metrics: await listModelMetrics(model.id) }
      }
      const query = { experiment: experiment.id, view: 'deleted', limit: 100 }
      for await (const { id } of items('/v1/logged-models', query)) {
        const model = await client.get(`/v1/logged-models/${at(id)}`, { allowDeleted: 'true' })
        yield { ...deletedModelFromWire(model), metrics: await listModelMetrics(id) }
      }
    },
    async *listRegisteredModels() {
      for await (const model of rest.listRegisteredModels()) {
        const { versions } = await client.get(`/v1/imports/models/${at(model.name)}/deleted-versions`)
        yield { ...model, deletedVersions: versions }
      }
    },
    // It keeps nothing that it could not give.
    listLeftOut: async () => [],
  }
}

function deletedModelFromWire(wire: Json): Omit<StoredLoggedModel, 'metrics'> {
  return {
    id: wire.id,
    experimentId: wire.experimentId,
    name: wire.name,
    type: wire.modelType,
    sourceRun: wire.sourceRun,
    artifactUri: wire.artifactUri,
    status: wire.status,
    statusMessage: wire.statusMessage,
    lifecycle: 'deleted',
    createdAt: wire.createdAt,
    updatedAt: wire.updatedAt,
    params: wire.params,
    tags: wire.tags,
  }
}
