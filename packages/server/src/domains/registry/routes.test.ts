import { randomBytes } from 'node:crypto'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHttpServer, type HttpServer } from '../../http/server.ts'
import { createLogger } from '../../kernel/logger.ts'
import { createSecretBox, createSend, createWebhookService, webhookRoutes } from '../webhooks/index.ts'
import { registryRoutes } from './routes.ts'
import { createTestRegistry } from './testing/test-registry.ts'

let bed: Awaited<ReturnType<typeof createTestRegistry>>
let http: HttpServer
beforeAll(async () => {
  bed = await createTestRegistry()
  const policy = { allowHttp: false, allowPrivate: false }
  const box = createSecretBox(randomBytes(32))
  http = await createHttpServer({
    version: '0',
    logger: createLogger('silent'),
    token: null,
    metrics: new Registry(),
    isReady: async () => true,
    routes: [
      registryRoutes(bed.registry),
      webhookRoutes(createWebhookService({ ...bed, box, policy, send: createSend(policy) })),
    ],
  })
})
afterAll(async () => {
  await http.close()
  await bed.close()
})

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

async function call(method: Method, url: string, payload?: object) {
  const answer = await http.inject({ method, url, payload })
  return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() }
}

describe('the registry over HTTP', () => {
  it('leads a model through its life', async () => {
    expect(await call('POST', '/v1/models', { name: 'a model', tags: { t: '1' } })).toMatchObject({
      status: 201,
    })
    const base = '/v1/models/a%20model'
    expect(await call('PATCH', base, { description: 'what it is' })).toMatchObject({
      body: { description: 'what it is', tags: { t: '1' } },
    })
    for (const change of ['data', 'features']) {
      const made = await call('POST', `${base}/versions`, { source: 's3://b/x', change })
      expect(made).toMatchObject({ status: 201, body: { source: 's3://b/x' } })
    }
    expect(await call('PUT', `${base}/versions/1/tags/a%2Fb`, { value: 'x' })).toMatchObject({ status: 204 })
    expect(await call('GET', `${base}/versions/1`)).toMatchObject({ body: { tags: { 'a/b': 'x' } } })
    expect(await call('DELETE', `${base}/versions/1/tags/a%2Fb`)).toMatchObject({ status: 204 })
    const reason = 'because'
    await call('PUT', `${base}/aliases/champion`, { version: 1, reason, expected: null })
    bed.clock.advance(10)
    await call('PUT', `${base}/aliases/champion`, { version: 2, reason, expected: 1 })
    expect(await call('PUT', `${base}/aliases/champion`, { version: 1, reason, expected: 1 })).toMatchObject({
      status: 409,
      body: { error_code: 'model.pointer_moved' },
    })
    expect(await call('GET', `${base}/aliases/champion?at=${bed.clock.now() - 1}`)).toMatchObject({
      body: { version: 1, by: 'api' },
    })
    expect(await call('POST', `${base}/aliases/champion/rollback`, { reason, expected: 2 })).toMatchObject({
      body: { version: 1 },
    })
    expect(await call('DELETE', `${base}/aliases/champion?reason=x&expected=1`)).toMatchObject({
      status: 204,
    })
    expect(await call('PUT', `${base}/versions/2/stage`, { stage: 'staging', reason })).toMatchObject({
      body: { stage: 'Staging' },
    })
    expect(await call('GET', `${base}/stages/STAGING`)).toMatchObject({ body: { versions: [2] } })
    expect(await call('GET', `${base}/stages`)).toMatchObject({ body: { items: [{ version: 2 }] } })
    expect(await call('GET', `${base}/versions/1/lineage`)).toMatchObject({ body: { endpoints: [] } })
    expect(await call('GET', `${base}/versions/1/comparison?with=2`)).toMatchObject({
      body: { right: { label: '1.1.0' } },
    })
    expect(await call('PUT', `${base}/checks`, { pointers: ['x'], tags: [{ key: 'k' }] })).toMatchObject({
      body: { checks: { loads: false } },
    })
    expect(await call('PUT', `${base}/aliases/x`, { version: 1, reason })).toMatchObject({
      status: 422,
      body: { error_code: 'model.checks_failed' },
    })
    expect(await call('POST', `${base}/versions/1/checks`)).toMatchObject({ body: { passed: false } })
    expect((await call('GET', `${base}/versions/1/checks`)).body.items).toHaveLength(2)
    expect(await call('DELETE', `${base}/checks`)).toMatchObject({ status: 204 })
    expect(await call('DELETE', `${base}/versions/1`)).toMatchObject({ status: 204 })
    expect(await call('PATCH', base, { name: 'renamed' })).toMatchObject({
      body: { name: 'renamed', latestVersion: 2 },
    })
    expect(await call('DELETE', '/v1/models/renamed')).toMatchObject({ status: 204 })
    expect(await call('GET', '/v1/models/renamed')).toMatchObject({ status: 404 })
  })

  it.each<[Method, string, object | undefined, number, string]>([
    ['POST', '/v1/models', {}, 400, 'request.invalid'],
    ['POST', '/v1/models', { name: 'a/b' }, 400, 'model.name_invalid'],
    ['PATCH', '/v1/models/none', {}, 400, 'request.invalid'],
    ['POST', '/v1/models/none/versions', { source: 's3://b/x' }, 404, 'model.not_found'],
    ['GET', '/v1/models/none/aliases/a', undefined, 404, 'model.not_found'],
    ['GET', '/v1/lineage/versions', undefined, 400, 'request.invalid'],
    ['GET', '/v1/lineage/versions?run=a&commit=b', undefined, 400, 'request.invalid'],
    ['POST', '/v1/webhooks', { name: 'a', url: 'http://x', events: [] }, 400, 'request.invalid'],
    ['GET', '/v1/webhooks/none', undefined, 404, 'webhook.not_found'],
  ])('answers %s %s %j with %i', async (method, url, body, status, code) => {
    expect(await call(method, url, body)).toMatchObject({ status, body: { error_code: code } })
  })

  it('keeps webhooks', async () => {
    const events = [{ entity: 'MODEL_VERSION', action: 'CREATED' }]
    const made = await call('POST', '/v1/webhooks', {
      name: 'hook',
      url: 'https://example.com/',
      events,
      secret: 'the secret',
    })
    expect(made).toMatchObject({ status: 201, body: { signed: true } })
    const url = `/v1/webhooks/${made.body.id}`
    expect(await call('PATCH', url, { status: 'DISABLED' })).toMatchObject({
      body: { status: 'DISABLED', events },
    })
    expect(JSON.stringify(await call('GET', '/v1/webhooks'))).not.toContain('the secret')
    expect(await call('GET', `${url}/deliveries`)).toMatchObject({ body: { items: [] } })
    expect(await call('DELETE', url)).toMatchObject({ status: 204 })
  })
})
