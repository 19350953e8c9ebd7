import { isPlatformError } from '@millrace/protocol/errors'
import type { LeftOut, MlflowSource, StoredExperiment } from '../store.ts'
import { distinctPoints } from './distinct-points.ts'
import { restArtifacts } from './rest-artifacts.ts'
import type { Json, RestClient } from './rest-client.ts'
import {
  experimentFromWire,
  loggedModelFromWire,
  metricFromWire,
  modelVersionFromWire,
  registeredModelFromWire,
  runFromWire,
} from './rest-wire.ts'

const api = '/api/2.0/mlflow'
const isPrompt = 'mlflow.prompt.is_prompt'
const promptFilter = `tags.\`${isPrompt}\` = 'true'`

/**
 * Reads a server that speaks MLflow's REST protocol. What its protocol does not show is not seen: deleted logged models,
 * numbers of deleted versions, when something was deleted.
 * @throws `mlflow.refused`, `mlflow.unavailable`
 */
export function createRestSource(client: RestClient): MlflowSource {
  async function* pages(
    list: (pageToken: string | undefined) => Promise<Json>,
    items: string,
  ): AsyncIterable<Json[]> {
    let token: string | undefined
    do {
      const answer = await list(token)
      yield answer[items] ?? []
      token = answer.next_page_token || undefined
    } while (token)
  }
  const post = (path: string, body: object, items: string) =>
    pages((page_token) => client.send('POST', path, { ...body, page_token }), items)
  const get = (path: string, query: Record<string, string | number>, items: string) =>
    pages((page_token) => client.get(path, { ...query, page_token }), items)

  async function count(list: AsyncIterable<Json[]>): Promise<number> {
    let counted = 0
    try {
      for await (const page of list) counted += page.length
    } catch (error) {
      // A server without the feature has none of it.
      if (!isMissing(error)) throw error
    }
    return counted
  }

  return {
    label: `MLflow server ${client.url}`,
    async *listExperiments() {
      const body = { max_results: 1000, view_type: 'ALL' }
      for await (const page of post(`${api}/experiments/search`, body, 'experiments')) {
        for (const wire of page) yield experimentFromWire(wire)
      }
    },
    async countRuns({ id }) {
      const runs = { experiment_ids: [id], run_view_type: 'ALL', max_results: 1000 }
      const models = { experiment_ids: [id], max_results: 50 }
      return (
        (await count(post(`${api}/runs/search`, runs, 'runs'))) +
        (await count(post(`${api}/logged-models/search`, models, 'models')))
      )
    },
    async *listRuns({ id }) {
      const body = { experiment_ids: [id], run_view_type: 'ALL', max_results: 200 }
      for await (const page of post(`${api}/runs/search`, body, 'runs')) {
        for (const { info } of page) {
          // Only this route tells all inputs.
          yield runFromWire(
            (await client.get(`${api}/runs/get`, { run_id: info.run_id ?? info.run_uuid })).run,
          )
        }
      }
    },
    async *listMetrics(run) {
      for (const key of run.metricKeys) {
        const query = { run_id: run.id, metric_key: key, max_results: 25_000 }
        const seen = new Set<string>()
        for await (const page of get(`${api}/metrics/get-history`, query, 'metrics')) {
          yield distinctPoints(page.map(metricFromWire), seen)
        }
      }
    },
    async *listLoggedModels({ id }) {
      try {
        const body = { experiment_ids: [id], max_results: 50 }
        for await (const page of post(`${api}/logged-models/search`, body, 'models')) {
          for (const wire of page) {
            const model = loggedModelFromWire(wire)
            yield { ...model, metrics: distinctPoints(model.metrics) }
          }
        }
      } catch (error) {
        if (!isMissing(error)) throw error
      }
    },
    async *listRegisteredModels() {
      for (const filter of [undefined, promptFilter]) {
        const query = { max_results: 1000, ...(filter ? { filter } : {}) }
        for await (const page of get(`${api}/registered-models/search`, query, 'registered_models')) {
          for (const { name } of page) {
            const answer = await client.get(`${api}/registered-models/get`, { name })
            yield registeredModelFromWire(answer.registered_model)
          }
        }
      }
    },
    async *listModelVersions(model) {
      const quote = model.includes("'") ? '"' : "'"
      const versions = new Map<string, Json>()
      for (const more of ['', ` AND ${promptFilter}`]) {
        const query = { filter: `name = ${quote}${model}${quote}${more}`, max_results: 10_000 }
        for await (const page of get(`${api}/model-versions/search`, query, 'model_versions')) {
          for (const wire of page) versions.set(String(wire.version), wire)
        }
      }
      const byNumber = [...versions.values()].sort((a, b) => Number(a.version) - Number(b.version))
      for (const wire of byNumber) {
        const { artifact_uri } = await client.get(`${api}/model-versions/get-download-uri`, {
          name: model,
          version: wire.version,
        })
        yield modelVersionFromWire(wire, artifact_uri ?? null)
      }
    },
    runArtifacts: (run) => restArtifacts(client, run.artifactUri, { run: run.id }),
    loggedModelArtifacts: (model) => restArtifacts(client, model.artifactUri, { model: model.id }),
    async listLeftOut(experiments) {
      const traces = (experiment: StoredExperiment) =>
        post(
          '/api/3.0/mlflow/traces/search',
          {
            locations: [{ type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: experiment.id } }],
            max_results: 500,
          },
          'traces',
        )
      let traced = 0
      for (const experiment of experiments) traced += await count(traces(experiment))
      const found: LeftOut[] = [
        { what: 'traces', count: traced, reason: 'there is nothing that they could become' },
        {
          what: 'webhooks',
          count: await count(get(`${api}/webhooks`, { max_results: 100 }, 'webhooks')),
          reason: 'their secrets cannot be read; create them again',
        },
      ]
      return found.filter((one) => one.count > 0)
    },
    listProblems: () => [],
    async close() {},
  }
}

/** What servers without a feature answer. */
function isMissing(error: unknown): boolean {
  if (!isPlatformError(error) || error.code !== 'mlflow.refused') return false
  return [404, 405, 501].includes(Number(error.details.status))
}
