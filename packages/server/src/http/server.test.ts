import { fail } from '@millrace/protocol'
import { Registry } from 'prom-client'
import { Type } from 'typebox'
import { afterEach, describe, expect, it } from 'vitest'
import { createLogger } from '../kernel/logger.ts'
import { createHttpServer, type HttpOptions, type HttpServer } from './server.ts'

let app: HttpServer | undefined
afterEach(() => app?.close())

async function serve(options: Partial<HttpOptions> = {}): Promise<HttpServer> {
  app = await createHttpServer({
    version: '1.2.3',
    logger: createLogger('silent'),
    token: null,
    metrics: new Registry(),
    isReady: async () => true,
    routes: [
      async (routes) => {
        routes.post(
          '/v1/things/:name',
          {
            schema: {
              tags: ['Things'],
              summary: 'Take a thing',
              body: Type.Object(
                {
                  size: Type.Integer({ minimum: 1 }),
                  parts: Type.Optional(Type.Array(Type.Number())),
                  shape: Type.Optional(Type.Union([Type.Literal('round'), Type.Literal('flat')])),
                },
                { additionalProperties: false },
              ),
              querystring: Type.Object({ limit: Type.Optional(Type.Integer()) }),
            },
          },
          async (request) => ({ size: request.body.size, limit: request.query.limit ?? null }),
        )
        routes.get('/v1/known', async () => {
          throw fail('object.not_found', { key: 'a/b' })
        })
        routes.get('/v1/bug', async () => {
          throw new Error('secret detail')
        })
      },
    ],
    ...options,
  })
  return app
}

describe('the HTTP server', () => {
  it.each([
    [{}, 'body.size', 'is required'],
    [{ size: '3' }, 'body.size', 'must be integer'],
    [{ size: 0 }, 'body.size', 'must be >= 1'],
    [{ size: 1e20 }, 'body.size', 'must be <= 9007199254740991'],
    [{ size: 1, color: 'red' }, 'body.color', 'is not known'],
    [{ size: 1, parts: [1, 'x'] }, 'body.parts.1', 'must be number'],
    [{ size: 1, shape: 'oval' }, 'body.shape', 'must be one of "round", "flat"'],
  ])('refuses the body %o naming field and expectation', async (payload, field, expected) => {
    const response = await (await serve()).inject({ method: 'POST', url: '/v1/things/x', payload })
    expect(response.statusCode).toBe(400)
    expect(response.json()).toMatchObject({ error_code: 'request.invalid', details: { field, expected } })
    expect(response.json().message).toContain(field)
  })

  it.each([
    ['{"size":', 'application/json', 400],
    ['', 'application/json', 400],
    ['size=1', 'application/x-www-form-urlencoded', 400],
    [`{"size":1,"parts":[${'1,'.repeat(5_000_000)}1]}`, 'application/json', 413],
  ])('answers unreadable bodies with the error body', async (payload, type, status) => {
    const response = await (await serve()).inject({
      method: 'POST',
      url: '/v1/things/x',
      payload,
      headers: { 'content-type': type },
    })
    expect(response.statusCode).toBe(status)
    expect(Object.keys(response.json()).sort()).toEqual(['details', 'error_code', 'message'])
  })

  it('refuses bodies that are nested too deep', async () => {
    const parts = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    for (const payload of [parts, `{"size":${parts}}`]) {
      const response = await (await serve()).inject({
        method: 'POST',
        url: '/v1/things/x',
        payload,
        headers: { 'content-type': 'application/json' },
      })
      expect(response.statusCode).toBe(400)
      expect(response.json()).toMatchObject({ error_code: 'request.invalid' })
      expect(response.json().message).toContain('nested deeper than')
    }
  })

  it('without a token answers only to this machine, and to none of the pages that it has open', async () => {
    const server = await serve()
    const status = async (headers: Record<string, string>) =>
      (await server.inject({ url: '/v1/known', headers })).statusCode
    for (const host of ['localhost:5000', '127.0.0.1', '127.0.0.1:5000', '[::1]:5000']) {
      expect(await status({ host }), host).toBe(404)
      expect(await status({ host, origin: `http://${host}` }), host).toBe(404)
    }
    for (const host of ['evil.example', '127.0.0.1.evil.example:5000', 'localhost@evil.example', 'a b']) {
      expect(await status({ host }), host).toBe(403)
    }
    for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1.evil.example']) {
      expect(await status({ host: 'localhost', origin }), origin).toBe(403)
    }
    await server.close()
    const open = await serve({ token: 's3cret' })
    const headers = { host: 'ml.example.org', authorization: 'Bearer s3cret' }
    expect((await open.inject({ url: '/v1/known', headers })).statusCode).toBe(404)
  })

  it('converts query text and accepts what fits', async () => {
    const server = await serve()
    const response = await server.inject({
      method: 'POST',
      url: '/v1/things/x?limit=5',
      payload: { size: 2 },
    })
    expect(response.json()).toEqual({ size: 2, limit: 5 })
  })

  it('maps catalogue errors, unknown routes and bugs', async () => {
    const server = await serve()
    expect((await server.inject('/v1/known')).json().error_code).toBe('object.not_found')
    const missing = await server.inject('/v1/nothing?token=x')
    expect([missing.statusCode, missing.json().message]).toEqual([
      404,
      'There is no route GET /v1/nothing. See /docs for the API.',
    ])
    const bug = await server.inject('/v1/bug')
    expect(bug.statusCode).toBe(500)
    expect(bug.body).not.toContain('secret detail')
    expect(bug.json().details.id).toMatch(/^err_/)
  })

  it('answers in its own words also before a route is found', async () => {
    const server = await serve()
    for (const url of [`/v1/things/${'x'.repeat(600)}`, '/v1/things/%zz']) {
      const response = await server.inject({ method: 'POST', url, payload: { size: 1 } })
      expect(response.statusCode, url).toBe(400)
      expect(response.json().error_code, url).toBe('request.invalid')
    }
  })

  it('demands the token everywhere but on the probes', async () => {
    const server = await serve({ token: 's3cret' })
    const get = (url: string, authorization?: string) =>
      server.inject({ url, headers: authorization ? { authorization } : {} })
    expect((await get('/health')).statusCode).toBe(200)
    expect((await get('/ready')).statusCode).toBe(200)
    for (const url of ['/metrics', '/v1/known', '/docs', '/openapi.json', '/v1/nothing']) {
      expect((await get(url)).statusCode, url).toBe(401)
      expect((await get(url, 'Bearer wrong')).json().error_code, url).toBe('auth.invalid')
    }
    for (const header of ['Bearer s3cret', 'bearer s3cret', 'BEARER  s3cret']) {
      expect((await get('/metrics', header)).statusCode, header).toBe(200)
    }
    const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`
    for (const header of [basic('anyone:s3cret'), basic(':s3cret')]) {
      expect((await get('/metrics', header)).statusCode, header).toBe(200)
    }
    expect((await get('/metrics', basic('s3cret:'))).json().error_code).toBe('auth.invalid')
    for (const header of ['Basic s3cret', 's3cret', 'Bearer', 'Bearers3cret']) {
      expect((await get('/metrics', header)).json().error_code, header).toBe('auth.missing')
    }
  })

  it('says which methods an address takes', async () => {
    const server = await serve()
    for (const method of ['POST', 'PUT', 'DELETE'] as const) {
      const answer = await server.inject({ method, url: '/v1/known?a=b' })
      expect([answer.statusCode, answer.headers.allow], method).toEqual([405, 'GET, HEAD'])
      expect(answer.json()).toMatchObject({
        error_code: 'request.method_not_allowed',
        details: { method, path: '/v1/known', allow: 'GET, HEAD' },
      })
    }
    const options = await server.inject({ method: 'OPTIONS', url: '/v1/known' })
    expect([options.statusCode, options.headers.allow, options.body]).toEqual([204, 'GET, HEAD', ''])
    const nothing = await server.inject({ method: 'OPTIONS', url: '/v1/nothing' })
    expect([nothing.statusCode, nothing.headers.allow]).toEqual([404, undefined])
    expect((await server.inject({ method: 'PROPFIND' as never, url: '/v1/known' })).statusCode).toBe(405)
  })

  it('says when it is not ready', async () => {
    const server = await serve({ isReady: async () => false })
    expect((await server.inject('/ready')).statusCode).toBe(503)
    const health = await server.inject('/health')
    expect([health.statusCode, health.body]).toEqual([200, 'OK'])
  })

  it('documents itself', async () => {
    const server = await serve()
    const document = (await server.inject('/openapi.json')).json()
    expect(document.info).toMatchObject({ title: 'Millrace', version: '1.2.3' })
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining(['/health', '/metrics', '/v1/things/{name}']),
    )
    const page = (await server.inject('/docs/')).body
    expect(page).toContain('<title>Millrace</title>')
    expect(page).toContain('swagger-ui')
    expect(document.components.securitySchemes, 'nothing to authorize with').toBeUndefined()
  })
})
