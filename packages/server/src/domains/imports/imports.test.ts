import fc from 'fast-check'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHttpServer, type HttpServer } from '../../http/server.ts'
import { createLogger } from '../../kernel/logger.ts'
import { migrations } from '../../migrations/index.ts'
import { createTemporaryStores } from '../../testing/temporary-stores.ts'
import { createRegistryImport, createRegistryService, type RegistryService } from '../registry/index.ts'
import { createTrackingImport, createTrackingService, type TrackingService } from '../tracking/index.ts'
import { importRoutes } from './index.ts'

let stores: Awaited<ReturnType<typeof createTemporaryStores>>
let tracking: TrackingService
let registry: RegistryService
let http: HttpServer

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
      importRoutes({
        tracking: createTrackingImport(stores),
        registry: createRegistryImport({ ...stores, registry }),
        artifacts: stores.artifacts,
      }),
    ],
  })
})
afterAll(async () => {
  await http.close()
  await stores.close()
})

async function send(method: 'PUT' | 'POST' | 'GET', path: string, payload?: object | string) {
  const headers = typeof payload === 'string' ? { 'content-type': 'application/octet-stream' } : {}
  const response = await http.inject({ method, url: `/v1/imports/${path}`, payload, headers })
  return { status: response.statusCode, body: response.json() }
}
const put = async (path: string, payload: object) => (await send('PUT', path, payload)).body

const experiment = (name: string, over: object = {}) => ({
  name,
  lifecycleStage: 'active',
  createdAt: 1000,
  updatedAt: 2000,
  tags: { team: 'ops' },
  ...over,
})
const run = (experimentId: string, over: object = {}) => ({
  experimentId,
  name: 'old run',
  user: 'ada',
  status: 'FINISHED',
  lifecycleStage: 'active',
  startedAt: 5000,
  endedAt: 6000,
  deletedAt: null,
  params: { depth: '3', long: 'x'.repeat(9000) },
  tags: { 'mlflow.runName': 'old run', note: 'y'.repeat(9000) },
  inputs: [
    {
      dataset: {
        name: 'rows',
        digest: 'abc',
        sourceType: 'local',
        source: '{}',
        schema: null,
        profile: null,
      },
      tags: { 'mlflow.data.context': 'training' },
    },
  ],
  modelInputs: [],
  modelOutputs: [{ model: 'm-1', step: 2 }],
  ...over,
})

describe('experiments', () => {
  it('are matched by name, and are as old as the older of both', async () => {
    const made = await put('experiments', experiment('moved'))
    expect(made).toEqual({ id: expect.any(String), outcome: 'created' })
    expect(await put('experiments', experiment('moved'))).toEqual({ id: made.id, outcome: 'unchanged' })
    expect(await put('experiments', experiment('moved', { createdAt: 500 }))).toMatchObject({
      outcome: 'changed',
    })
    expect(await tracking.getExperiment(made.id)).toMatchObject({
      name: 'moved',
      createdAt: 500,
      updatedAt: 2000,
      tags: { team: 'ops' },
      lifecycleStage: 'active',
    })
  })

  it('come deleted as they were; a deleted one here takes no active one in', async () => {
    const made = await put('experiments', experiment('gone', { lifecycleStage: 'deleted' }))
    expect(await tracking.getExperiment(made.id)).toMatchObject({
      lifecycleStage: 'deleted',
      deletedAt: 2000,
    })
    const answer = await send('PUT', 'experiments', experiment('gone'))
    expect(answer).toMatchObject({ status: 409, body: { error_code: 'import.conflict' } })
  })
})

describe('runs', () => {
  let id: string
  beforeAll(async () => {
    id = (await put('experiments', experiment('runs'))).id
  })

  it('keep id, times, state and long values; sent again they change nothing', async () => {
    expect(await put('runs/r1', run(id))).toEqual({ outcome: 'created' })
    expect(await put('runs/r1', run(id))).toEqual({ outcome: 'unchanged' })
    expect(await tracking.getRun('r1')).toMatchObject({
      id: 'r1',
      experimentId: id,
      name: 'old run',
      user: 'ada',
      status: 'FINISHED',
      startedAt: 5000,
      endedAt: 6000,
      artifactUri: `mlflow-artifacts:/${id}/r1/artifacts`,
      params: { depth: '3', long: 'x'.repeat(9000) },
      tags: { note: 'y'.repeat(9000) },
      inputs: [{ dataset: { name: 'rows', digest: 'abc' }, tags: { 'mlflow.data.context': 'training' } }],
      modelOutputs: [{ model: 'm-1', step: 2 }],
    })
  })

  it('are brought up to date', async () => {
    await put('runs/r2', run(id, { status: 'RUNNING', endedAt: null }))
    const tags = { 'mlflow.runName': 'old run', more: 'now' }
    expect(await put('runs/r2', run(id, { tags }))).toEqual({ outcome: 'changed' })
    expect(await tracking.getRun('r2')).toMatchObject({ status: 'FINISHED', endedAt: 6000, tags })
  })

  it('are deleted when it is known that they are, even if not since when', async () => {
    const gone = run(id, { lifecycleStage: 'deleted' })
    await put('runs/r3', gone)
    expect(await tracking.getRun('r3')).toMatchObject({
      lifecycleStage: 'deleted',
      deletedAt: stores.clock.now(),
    })
    stores.clock.advance(10)
    expect(await put('runs/r3', gone)).toEqual({ outcome: 'unchanged' })
    await put('runs/r3', run(id, { lifecycleStage: 'deleted', deletedAt: 7000 }))
    expect(await tracking.getRun('r3')).toMatchObject({ deletedAt: 7000 })
  })

  it.each([
    ['another value of a parameter', 'r1', { params: { depth: '4' } }, 409, 'import.conflict'],
    ['an id that is none', '..', {}, 404, undefined],
    ['a character that is no text', 'r4', { tags: { a: 'nul\0' } }, 400, 'run.entry_invalid'],
    ['a state that is none', 'r4', { status: 'LOST' }, 400, 'request.invalid'],
    ['no experiment', 'r4', { experimentId: '999' }, 404, 'experiment.not_found'],
  ])('are refused with %s', async (_, name, over, status, error_code) => {
    const answer = await send('PUT', `runs/${name}`, run(id, over))
    expect(answer.status).toBe(status)
    if (error_code) expect(answer.body).toMatchObject({ error_code })
  })

  it('are refused in another experiment than here', async () => {
    const other = (await put('experiments', experiment('other'))).id
    await put('runs/r5', run(id))
    const answer = await send('PUT', 'runs/r5', run(other))
    expect(answer).toMatchObject({ status: 409, body: { error_code: 'import.conflict' } })
  })
})

type Point = [key: string, value: number | string, at: number, step: number]

async function readPoints(id: string, limit: number): Promise<Point[]> {
  const points: Point[] = []
  let pageToken = ''
  do {
    const { body } = await send('GET', `runs/${id}/metrics?limit=${limit}${pageToken}`)
    points.push(...body.points)
    pageToken = body.nextPageToken ? `&pageToken=${body.nextPageToken}` : ''
  } while (pageToken)
  return points
}

describe('metrics', () => {
  it('are given back whole, each once, whatever they are and in whatever pages', async () => {
    const { id } = await put('experiments', experiment('metrics'))
    const point = fc.tuple(
      fc.constantFrom('loss', 'Ünïcode/auc', 'a b'),
      fc.oneof(
        fc.constantFrom<number | string>('NaN', 'Infinity', '-Infinity', 5e-324, 0.1),
        fc.integer({ min: -9, max: 9 }),
      ),
      fc.nat({ max: 3 }),
      fc.integer({ min: -3, max: 3 }),
    )
    let n = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(point, { minLength: 1, maxLength: 30 }),
        fc.nat({ max: 6 }),
        async (points, extra) => {
          const name = `points-${n++}`
          await put(`runs/${name}`, run(id, { status: 'FINISHED' }))
          await send('POST', `runs/${name}/metrics`, { points })
          await send('POST', `runs/${name}/metrics`, { points: points.slice(0, 9) })
          const read = await readPoints(name, 1 + extra)
          const distinct = new Set(points.map((one) => JSON.stringify(one)))
          expect(read.map((one) => JSON.stringify(one)).sort()).toEqual([...distinct].sort())
        },
      ),
      { numRuns: 25 },
    )
  })

  it('go to runs that are deleted, too, and to none that is not there', async () => {
    const { id } = await put('experiments', experiment('metrics'))
    await put('runs/m1', run(id, { lifecycleStage: 'deleted' }))
    expect((await send('POST', 'runs/m1/metrics', { points: [['a', 1, 2, 3]] })).status).toBe(200)
    expect((await tracking.getRun('m1')).metrics).toEqual([{ key: 'a', value: 1, at: 2, step: 3 }])
    const none = await send('POST', 'runs/none/metrics', { points: [['a', 1, 2, 3]] })
    expect(none.body).toMatchObject({ error_code: 'run.not_found' })
    expect((await send('GET', 'runs/m1/metrics?pageToken=x')).body).toMatchObject({
      error_code: 'request.invalid',
    })
  })
})

it('takes logged models with their id, state and metrics', async () => {
  const { id } = await put('experiments', experiment('logged'))
  const model = {
    experimentId: id,
    name: 'model',
    modelType: null,
    sourceRun: 'r1',
    status: 'READY',
    statusMessage: null,
    lifecycleStage: 'active',
    createdAt: 10,
    updatedAt: 20,
    params: { c: '1' },
    tags: { kind: 'linear' },
    metrics: [
      { key: 'auc', value: 'NaN', at: 1, step: 2, run: 'r1', dataset: { name: 'rows', digest: 'abc' } },
    ],
  }
  expect(await put('logged-models/m-old', model)).toEqual({ outcome: 'created' })
  expect(await put('logged-models/m-old', model)).toEqual({ outcome: 'unchanged' })
  expect(await tracking.getLoggedModel('m-old')).toMatchObject({
    id: 'm-old',
    status: 'READY',
    createdAt: 10,
    updatedAt: 20,
    artifactUri: `mlflow-artifacts:/${id}/models/m-old/artifacts`,
    params: { c: '1' },
    tags: { kind: 'linear' },
    metrics: [{ key: 'auc', value: Number.NaN, run: 'r1', dataset: { name: 'rows', digest: 'abc' } }],
  })
  expect((await send('GET', 'logged-models/m-old/metrics')).body).toEqual({ items: model.metrics })
  const other = (await put('experiments', experiment('other'))).id
  const refused = await send('PUT', 'logged-models/m-old', { ...model, experimentId: other })
  expect(refused).toMatchObject({ status: 409 })
})

it('stores files with their digest and lists them in pages', async () => {
  for (const name of ['a.txt', 'b/größe.txt', 'b/z.txt']) {
    const answer = await send('PUT', `artifacts/1/run/artifacts/${encodeURI(name)}`, name)
    expect(answer).toMatchObject({ status: 200, body: { size: Buffer.byteLength(name) } })
  }
  const first = (await send('GET', 'artifacts?folder=1/run/artifacts&limit=2')).body
  expect(first.items.map(({ path }: { path: string }) => path)).toEqual([
    '1/run/artifacts/a.txt',
    '1/run/artifacts/b/größe.txt',
  ])
  const next = encodeURIComponent(first.nextPageToken)
  const second = (await send('GET', `artifacts?folder=1/run/artifacts&limit=2&pageToken=${next}`)).body
  expect(second.items).toMatchObject([{ path: '1/run/artifacts/b/z.txt', size: 7 }])
  expect(second.nextPageToken).toBeUndefined()
})

describe('the registry', () => {
  const model = { description: 'Late or not', createdAt: 100, updatedAt: 900, tags: { owner: 'ops' } }
  const version = (over: object = {}) => ({
    description: 'first',
    userId: null,
    stage: 'Production',
    source: 's3://models/delays/1',
    runId: 'r1',
    runLink: null,
    modelId: null,
    status: 'READY',
    reason: '',
    createdAt: 200,
    updatedAt: 300,
    tags: { try: '1' },
    ...over,
  })

  it('comes with its numbers, gaps, times, stages and aliases, and sent again changes nothing', async () => {
    const everything = async () => [
      await put('models/delays', model),
      await put('models/delays/versions/2', version()),
      await put('models/delays/versions/5', version({ source: 's3://models/delays/5', stage: 'None' })),
      await put('models/delays/deleted-versions', { versions: [1, 7] }),
      await put('models/delays/aliases', { aliases: { champion: 5 } }),
    ]
    await everything()
    await put('models/delays', model)
    const again = await everything()
    expect(again.map(({ outcome }) => outcome)).toEqual([
      'unchanged',
      'unchanged',
      'unchanged',
      undefined,
      'unchanged',
    ])
    const { items } = await registry.listVersions('delays')
    expect(items).toMatchObject([
      { version: 5, stage: 'None', aliases: ['champion'] },
      {
        version: 2,
        stage: 'Production',
        createdAt: 200,
        updatedAt: 300,
        description: 'first',
        tags: { try: '1' },
      },
    ])
    expect(await registry.getModel('delays')).toMatchObject({
      description: 'Late or not',
      createdAt: 100,
      updatedAt: 900,
      tags: { owner: 'ops' },
    })
    expect((await send('GET', 'models/delays/deleted-versions')).body).toEqual({ versions: [1, 3, 4, 6, 7] })
    const next = await registry.createVersion({ model: 'delays', source: 's3://models/delays/next' })
    expect(next.version).toBe(8)
  })

  it('refuses a number that stands for something else here', async () => {
    await put('models/taken', model)
    await put('models/taken/versions/1', version())
    const other = await send('PUT', 'models/taken/versions/1', version({ source: 's3://elsewhere' }))
    expect(other).toMatchObject({ status: 409, body: { error_code: 'import.conflict' } })
    await registry.deleteVersion({ model: 'taken', version: 1 }, 'somebody')
    const deleted = await send('PUT', 'models/taken/versions/1', version())
    expect(deleted.body.message).toMatch(/a version of that number was deleted here/)
    const missing = await send('PUT', 'models/none/versions/1', version())
    expect(missing.body).toMatchObject({ error_code: 'model.not_found' })
  })
})
