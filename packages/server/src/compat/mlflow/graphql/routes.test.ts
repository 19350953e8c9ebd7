import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  createRegistrySearch,
  createRegistryService,
  type RegistryService,
} from '../../../domains/registry/index.ts'
import {
  createTrackingSearch,
  createTrackingService,
  type TrackingService,
} from '../../../domains/tracking/index.ts'
import { createSecretBox, createSend, createWebhookService } from '../../../domains/webhooks/index.ts'
import { createHttpServer, type HttpServer } from '../../../http/server.ts'
import { createLogger } from '../../../kernel/logger.ts'
import { migrations } from '../../../migrations/index.ts'
import { createTemporaryStores } from '../../../testing/temporary-stores.ts'
import { mlflowRoutes } from '../index.ts'

const policy = { allowHttp: false, allowPrivate: false }

let stores: Awaited<ReturnType<typeof createTemporaryStores>>
let http: HttpServer
let tracking: TrackingService
let registry: RegistryService
let run: string

beforeAll(async () => {
  stores = await createTemporaryStores([])
  await stores.db.migrate(migrations)
  tracking = createTrackingService(stores)
  registry = createRegistryService(stores)
  http = await createHttpServer({
    version: '0',
    logger: createLogger('silent'),
    token: null,
    metrics: new Registry(),
    isReady: async () => true,
    routes: [
      mlflowRoutes({
        ...stores,
        tracking,
        registry,
        search: { ...createTrackingSearch(stores), ...createRegistrySearch(stores) },
        webhooks: createWebhookService({
          ...stores,
          box: createSecretBox(new Uint8Array(32)),
          policy,
          send: createSend(policy),
        }),
      }),
    ],
  })
  const created = await tracking.createRun({ experiment: 'graph', name: 'first', startedAt: 12, tags: {} })
  run = created.id
  await tracking.logBatch({
    run,
    params: { value: 'NaN' },
    metrics: [
      { key: 'loss', value: 0.5, at: 1, step: 2 ** 40 },
      { key: 'lost', value: Number.NaN, at: 1, step: 0 },
    ],
  })
})
afterAll(async () => {
  await http.close()
  await stores.close()
})

async function ask(query: string, more: { variables?: unknown; operationName?: string } = {}) {
  const response = await http.inject({ method: 'POST', url: '/graphql', payload: { query, ...more } })
  return { status: response.statusCode, ...response.json() }
}

describe('/graphql', () => {
  it("answers the query of MLflow's page of a run", async () => {
    const query = `query GetRun($data: MlflowGetRunInput!) @component(name: "MLflow.ExperimentRunTracking") {
      mlflowGetRun(input: $data) {
        apiError { code }
        run {
          info { runName status startTime endTime }
          experiment { name lifecycleStage tags { key } }
          modelVersions { name }
          data { metrics { key value step } params { key value } }
          outputs { modelOutputs { modelId } }
        }
      }
    }`
    expect(await ask(query, { variables: { data: { runId: run } }, operationName: 'GetRun' })).toEqual({
      status: 200,
      errors: null,
      data: {
        mlflowGetRun: {
          apiError: null,
          run: {
            info: { runName: 'first', status: 'RUNNING', startTime: '12', endTime: null },
            experiment: { name: 'graph', lifecycleStage: 'active', tags: null },
            modelVersions: [],
            data: {
              metrics: [
                { key: 'loss', value: 0.5, step: String(2 ** 40) },
                { key: 'lost', value: null, step: '0' },
              ],
              params: [{ key: 'value', value: 'NaN' }],
            },
            outputs: { modelOutputs: null },
          },
        },
      },
    })
  })

  it('searches, with enums and lists', async () => {
    const query = `mutation ($ids: [String]) { mlflowSearchRuns(input: {
      experimentIds: $ids, runViewType: ALL, maxResults: 1, filter: "metrics.loss < 1", orderBy: ["metrics.loss"]
    }) { runs { info { runId } } nextPageToken } }`
    const { data } = await ask(query, { variables: { ids: ['1'] } })
    expect(data.mlflowSearchRuns).toEqual({ runs: [{ info: { runId: run } }], nextPageToken: null })
  })

  it('leads from runs to the versions that come from them', async () => {
    const other = await tracking.createRun({ experiment: 'versions', name: 'second' })
    const { experimentId } = other
    await tracking.createRun({ experimentId, name: 'third' })
    await registry.createModel({ name: 'led' })
    await registry.createVersion({ model: 'led', source: 's3://bucket/led', runId: other.id })
    const { data } = await ask(
      `query ($ids: [String]) { mlflowSearchRuns(input: { experimentIds: $ids, orderBy: ["run_name"] }) {
        runs { info { runName } modelVersions { name version source } experiment { name } }
      } }`,
      { variables: { ids: [experimentId] } },
    )
    const experiment = { name: 'versions' }
    expect(data.mlflowSearchRuns.runs).toEqual([
      {
        info: { runName: 'second' },
        modelVersions: [{ name: 'led', version: '1', source: 's3://bucket/led' }],
        experiment,
      },
      { info: { runName: 'third' }, modelVersions: [], experiment },
    ])
  })

  it('puts what a call refuses into its answer', async () => {
    const { data, errors } = await ask(`{
      mlflowGetRun(input: { runUuid: "none" }) { apiError { code message } run { info { runId } } }
      mlflowSearchRuns(input: { experimentIds: ["0"], filter: "bogus" }) { apiError { code } runs { info { runId } } }
    }`)
    expect(errors).toBeNull()
    expect(data.mlflowGetRun).toEqual({
      apiError: { code: 'RESOURCE_DOES_NOT_EXIST', message: 'Run with id=none not found' },
      run: null,
    })
    expect(data.mlflowSearchRuns).toEqual({ apiError: { code: 'INVALID_PARAMETER_VALUE' }, runs: null })
  })

  const tenFields = Array.from({ length: 11 }, (_, i) => `f${i}: mlflowGetRun { run { info { runId } } }`)
  it.each([
    ['no GraphQL', '{ mlflowGetRun', /Syntax Error/],
    ['an unknown field', '{ bogus }', /Cannot query field/],
    ['many calls', `{ ${tenFields.join(' ')} }`, /at most 10 root fields/],
    [
      'many names',
      `{ mlflowGetRun { run { ${tenFields.map((_, i) => `f${i}: experiment { name }`).join(' ')} } } }`,
      /at most 10 aliases/,
    ],
    [
      'deep ones',
      `fragment T on __Type { ofType { ofType { ofType { ofType { name } } } } }
       { __schema { types { fields { type { ofType { ofType { ofType { ...T } } } } } } } }`,
      /at most 10 levels/,
    ],
    ['long ones', `{ ${'mlflowGetRun { __typename } '.repeat(600)} }`, /tokens/],
  ])('refuses %s', async (_, query, reason) => {
    const { status, data, errors } = await ask(query)
    expect({ status, data }).toEqual({ status: 200, data: null })
    expect(errors.join()).toMatch(reason)
  })

  it('refuses a body without a query', async () => {
    expect(await ask('')).toMatchObject({ status: 400, error_code: 'INVALID_PARAMETER_VALUE' })
    expect(await ask('{ __typename }', { variables: [] as never })).toMatchObject({ status: 400 })
  })
})

describe("what MLflow's pages ask by themselves", () => {
  it('is answered on their addresses only', async () => {
    const pages = await http.inject({
      method: 'POST',
      url: '/ajax-api/3.0/mlflow/traces/search',
      payload: { locations: [] },
    })
    expect([pages.statusCode, pages.json()]).toEqual([200, {}])
    const client = await http.inject({
      method: 'POST',
      url: '/api/3.0/mlflow/traces/search',
      payload: {},
    })
    expect([client.statusCode, client.json().error_code]).toEqual([501, 'NOT_IMPLEMENTED'])
  })
})
