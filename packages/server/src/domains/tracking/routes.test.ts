import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHttpServer, type HttpServer } from '../../http/server.ts'
import { createLogger } from '../../kernel/logger.ts'
import { trackingMigration } from '../../migrations/0004-tracking.ts'
import { registryMigration } from '../../migrations/0005-registry.ts'
import { trackingLifeCycleMigration } from '../../migrations/0010-tracking.ts'
import { artifactsMigration } from '../../migrations/0011-artifacts.ts'
import { registryPointersMigration } from '../../migrations/0012-registry.ts'
import { pendingMetricsMigration } from '../../migrations/0015-pending-metrics.ts'
import { createTemporaryStores } from '../../testing/temporary-stores.ts'
import { createRegistryService, registryRoutes } from '../registry/index.ts'
import { runArtifactRoutes } from './artifact-routes.ts'
import { trackingRoutes } from './routes.ts'
import { createTrackingService } from './service.ts'

let stores: Awaited<ReturnType<typeof createTemporaryStores>>
let http: HttpServer
let run: { id: string; experimentId: string }

beforeAll(async () => {
  stores = await createTemporaryStores([
    trackingMigration,
    registryMigration,
    trackingLifeCycleMigration,
    artifactsMigration,
    registryPointersMigration,
    pendingMetricsMigration,
  ])
  const tracking = createTrackingService(stores)
  const registry = createRegistryService(stores)
  http = await createHttpServer({
    version: '0',
    logger: createLogger('silent'),
    token: null,
    metrics: new Registry(),
    isReady: async () => true,
    routes: [trackingRoutes(tracking), runArtifactRoutes(tracking, 1000), registryRoutes(registry)],
  })
  run = await tracking.createRun({ experiment: 'flights' })
  await tracking.logBatch({
    run: run.id,
    params: { depth: '3' },
    metrics: [
      { key: 'val/auc', value: Number.NaN, at: 1, step: 0 },
      { key: 'val/auc', value: 0.7, at: 2, step: 1 },
    ],
  })
  await tracking.logArtifact(run.id, 'plots/my plot.svg', Buffer.from('<svg/>'))
  const lineage = {
    run: run.id,
    trainingSet: null,
    datasets: [{ dataset: 'flights', version: 'v1' }],
    definitions: {},
    bundles: [],
  }
  for (const passed of [true, false]) {
    const gate = { passed, reason: 'said the gate', evaluation: null, metrics: {} }
    await registry.registerVersion({ model: 'late flights', manifest: 'a', gate, lineage })
  }
})
afterAll(async () => {
  await http.close()
  await stores.close()
})

const get = async (url: string) => {
  const response = await http.inject(url)
  return { status: response.statusCode, body: response.json() }
}

describe('tracking over HTTP', () => {
  it('shows experiments, runs, metrics and artifacts', async () => {
    const experiments = await get('/v1/experiments')
    expect(experiments.body.items).toMatchObject([{ id: run.experimentId, name: 'flights' }, { id: '0' }])
    expect((await get(`/v1/runs?experiment=${run.experimentId}`)).body.items).toMatchObject([{ id: run.id }])
    expect((await get(`/v1/runs/${run.id}`)).body).toMatchObject({
      status: 'RUNNING',
      params: { depth: '3' },
      metrics: [{ key: 'val/auc', value: 0.7 }],
    })
    const history = await get(`/v1/runs/${run.id}/metrics/val/auc`)
    expect(history.body.items.map(({ value }: { value: unknown }) => value)).toEqual(['NaN', 0.7])
    const { body } = await get(`/v1/runs/${run.id}/artifacts`)
    expect(body.items).toMatchObject([{ path: 'plots/my plot.svg', size: 6 }])
  })

  it('streams an artifact in which no browser runs a script', async () => {
    const response = await http.inject(`/v1/runs/${run.id}/artifacts/plots/my%20plot.svg`)
    expect(response.body).toBe('<svg/>')
    expect(response.headers).toMatchObject({
      'content-type': 'image/svg+xml',
      'content-length': '6',
      'content-security-policy': expect.stringMatching(/^sandbox/),
      'x-content-type-options': 'nosniff',
    })
  })

  it.each([
    ['/v1/runs/none', 404, 'run.not_found'],
    ['/v1/runs/none/artifacts/a', 404, 'run.not_found'],
    ['/v1/runs/RUN/artifacts/..%2F..%2Fmetadata.db', 400, 'artifact.path_invalid'],
    ['/v1/runs/RUN/artifacts/none', 404, 'run.artifact_not_found'],
    ['/v1/runs/RUN/artifacts?pageToken=x', 400, 'request.invalid'],
    ['/v1/runs?limit=0', 400, 'request.invalid'],
    ['/v1/runs?pageToken=x', 400, 'request.invalid'],
    ['/v1/runs?experiment=x', 404, 'experiment.not_found'],
    ['/v1/models/none/versions', 404, 'model.not_found'],
    ['/v1/models/late%20flights/versions/9', 404, 'model.version_not_found'],
    ['/v1/models/late%20flights/versions/x', 400, 'request.invalid'],
  ])('answers %s with %d', async (url, status, code) => {
    expect(await get(url.replace('RUN', run.id))).toMatchObject({ status, body: { error_code: code } })
  })
})

describe('the registry over HTTP', () => {
  it('shows models, versions and lineage both ways', async () => {
    expect((await get('/v1/models')).body.items).toMatchObject([{ name: 'late flights', latestVersion: 2 }])
    const versions = await get('/v1/models/late%20flights/versions')
    expect(versions.body.items).toMatchObject([
      { version: 2, status: 'REJECTED', reason: 'said the gate' },
      { version: 1, status: 'READY' },
    ])
    const one = await get('/v1/models/late%20flights/versions/1')
    expect(one.body.lineage).toMatchObject({ run: run.id, datasets: [{ dataset: 'flights', version: 'v1' }] })
    const back = await get('/v1/datasets/flights/versions/v1/models')
    expect(back.body.items).toHaveLength(2)
  })

  it('moves aliases and refuses rejected versions', async () => {
    const put = (payload: object) =>
      http.inject({ method: 'PUT', url: '/v1/models/late%20flights/aliases/champion', payload })
    expect((await put({ version: 1, reason: 'first' })).json()).toMatchObject({ version: 1, by: 'api' })
    expect((await put({ version: 2, reason: 'second' })).json()).toMatchObject({
      error_code: 'model.version_rejected',
    })
    expect((await put({ version: '1', reason: 'text' })).statusCode).toBe(400)
    expect((await put({ version: 1 })).json().message).toMatch(/body.reason is required/)
    const history = await get('/v1/models/late%20flights/aliases/champion/history')
    expect(history.body.items).toMatchObject([{ version: 1, reason: 'first' }])
  })
})
