import { Registry } from 'prom-client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createHttpServer, type HttpServer } from '../../http/server.ts'
import { createLogger } from '../../kernel/logger.ts'
import { createRegistryNoteKeepers } from '../registry/index.ts'
import { createTestRegistry } from '../registry/testing/test-registry.ts'
import { createTrackingNoteKeepers } from '../tracking/index.ts'
import { noteRoutes } from './routes.ts'
import { createNoteService } from './service.ts'

let stores: Awaited<ReturnType<typeof createTestRegistry>>
let http: HttpServer

beforeAll(async () => {
  stores = await createTestRegistry()
  const keepers = { ...createTrackingNoteKeepers(stores), ...createRegistryNoteKeepers(stores) }
  http = await createHttpServer({
    version: '0',
    logger: createLogger('silent'),
    token: null,
    metrics: new Registry(),
    isReady: async () => true,
    routes: [noteRoutes(createNoteService({ ...stores, keepers }))],
  })
})
afterAll(async () => {
  await http.close()
  await stores.close()
})

async function call(method: 'GET' | 'PUT', url: string, payload?: object) {
  const answer = await http.inject({ method, url, payload })
  return { status: answer.statusCode, body: answer.json() }
}

it('notes are below what they are about', async () => {
  const { tracking, registry } = stores
  const run = await tracking.createRun({ experiment: 'noted' })
  await registry.createModel({ name: 'a model' })
  await registry.createVersion({ model: 'a model', source: 's3://bucket/model' })
  for (const at of [
    `/v1/experiments/${run.experimentId}`,
    `/v1/runs/${run.id}`,
    '/v1/models/a%20model',
    '/v1/models/a%20model/versions/1',
  ]) {
    expect(await call('GET', `${at}/note`)).toEqual({
      status: 200,
      body: { text: '', version: 0, edited: null },
    })
    const written = await call('PUT', `${at}/note`, { text: '# hi', by: 'ada', expected: 0 })
    expect(written).toMatchObject({ status: 200, body: { text: '# hi', version: 1, edited: { by: 'ada' } } })
    const late = await call('PUT', `${at}/note`, { text: 'late', expected: 0 })
    expect(late).toMatchObject({ status: 409, body: { error_code: 'note.changed' } })
    expect(await call('PUT', `${at}/note`, { text: 'next' })).toMatchObject({
      body: { version: 2, edited: { by: 'api' } },
    })
    const versions = await call('GET', `${at}/note/versions?limit=1`)
    expect(versions.body).toMatchObject({ items: [{ version: 2, text: 'next' }], nextPageToken: '1' })
  }
})

it.each([
  ['PUT', '/v1/experiments/0/note', {}, 400, 'request.invalid'],
  ['PUT', '/v1/experiments/0/note', { text: 'x', by: '' }, 400, 'request.invalid'],
  ['PUT', '/v1/experiments/0/note', { text: 'x', expected: -1 }, 400, 'request.invalid'],
  ['PUT', '/v1/experiments/0/note', { text: 'x', author: 'ada' }, 400, 'request.invalid'],
  ['PUT', '/v1/experiments/0/note', { text: 'x'.repeat(5001) }, 400, 'experiment.entry_invalid'],
  ['GET', '/v1/experiments/77/note', undefined, 404, 'experiment.not_found'],
  ['GET', '/v1/runs/none/note', undefined, 404, 'run.not_found'],
  ['GET', '/v1/models/none/note', undefined, 404, 'model.not_found'],
  ['GET', '/v1/models/none/versions/1/note', undefined, 404, 'model.not_found'],
  ['GET', '/v1/models/none/versions/one/note', undefined, 400, 'model.name_invalid'],
  ['GET', '/v1/experiments/0/note/versions?pageToken=x', undefined, 400, 'request.invalid'],
] as const)('%s %s %j is %i %s', async (method, url, payload, status, code) => {
  expect(await call(method, url, payload)).toMatchObject({ status, body: { error_code: code } })
})
