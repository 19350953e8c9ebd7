import { once } from 'node:events'
import { type ClientRequest, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { fail } from '@millrace/protocol'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHttpServer, type HttpServer } from '../../http/server.ts'
import { sha256 } from '../../kernel/hash.ts'
import { createLogger } from '../../kernel/logger.ts'
import { trackingMigration } from '../../migrations/0004-tracking.ts'
import { artifactsMigration } from '../../migrations/0011-artifacts.ts'
import { createTemporaryStores } from '../../testing/temporary-stores.ts'
import {
  acceptStreams,
  artifactRoutes,
  createArtifactService,
  requestBody,
  sendFile,
  uploadPartUrl,
} from './index.ts'
import type { ArtifactService } from './service.ts'

const limit = 50_000_000
const token = 's3cret'

/** The helpers on the simplest routes. */
const fileRoutes =
  (artifacts: ArtifactService): FastifyPluginAsyncTypebox =>
  async (app) => {
    acceptStreams(app)
    const pathOf = (params: unknown) => (params as { '*': string })['*']
    app.put('/files/*', (request) => {
      const path = pathOf(request.params)
      return artifacts.put(path, requestBody(request, { path, limit: artifacts.limit }))
    })
    app.route({
      method: ['GET', 'HEAD'],
      url: '/files/*',
      handler: (request, reply) => {
        const path = pathOf(request.params)
        return sendFile(request, reply, {
          async find() {
            const found = await artifacts.find(path)
            if (!found) throw fail('artifact.not_found', { path })
            return found
          },
          open: (range) => artifacts.get(path, { range }),
        })
      },
    })
  }

let stores: Awaited<ReturnType<typeof createTemporaryStores>>
let artifacts: ArtifactService
let http: HttpServer
let url: string

beforeAll(async () => {
  stores = await createTemporaryStores([trackingMigration, artifactsMigration])
  artifacts = createArtifactService({ ...stores, maxBytes: limit })
  http = await createHttpServer({
    version: '0',
    logger: createLogger('silent'),
    token,
    metrics: new Registry(),
    isReady: async () => true,
    routes: [fileRoutes(artifacts), artifactRoutes(artifacts)],
  })
  await http.listen({ host: '127.0.0.1', port: 0 })
  url = `http://127.0.0.1:${(http.server.address() as AddressInfo).port}`
})
afterAll(async () => {
  await http.close()
  await stores.close()
})

const authorization = `Bearer ${token}`
const call = (
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string | Blob | Uint8Array<ArrayBuffer>,
) => fetch(`${url}/files/${path}`, { method, body, headers: { authorization, ...headers } })

describe('files over HTTP', () => {
  it.each(['application/json', 'text/plain', 'application/x-www-form-urlencoded', ''])(
    'takes a body of type "%s" as it is',
    async (type) => {
      const body = new Blob(['{"not json'], { type })
      expect((await call('PUT', 'typed', {}, body)).status).toBe(200)
      const response = await call('GET', 'typed')
      expect(await response.text()).toBe('{"not json')
      await artifacts.delete('typed')
    },
  )

  it('takes large bodies and those without bytes', async () => {
    const large = new Uint8Array(20_000_000).map((_, i) => i % 251)
    const put = await call('PUT', 'large', {}, large)
    expect(await put.json()).toMatchObject({ size: large.length, digest: sha256(large) })
    expect(sha256(new Uint8Array(await (await call('GET', 'large')).arrayBuffer()))).toBe(sha256(large))
    for (const body of [undefined, '']) {
      expect(await (await call('PUT', 'empty', {}, body)).json()).toMatchObject({ size: 0 })
      const empty = await call('GET', 'empty')
      expect([await empty.text(), empty.headers.get('content-length')]).toEqual(['', '0'])
    }
  })

  it('describes a file so that no browser runs it', async () => {
    await artifacts.put('a/plot é".html', new TextEncoder().encode('<script>'))
    const response = await call('GET', encodeURIComponent('a/plot é".html'))
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-length': '8',
      'content-disposition': `attachment; filename="plot __.html"; filename*=UTF-8''plot%20%C3%A9%22.html`,
      'content-security-policy': expect.stringMatching(/^sandbox/),
      'x-content-type-options': 'nosniff',
      'accept-ranges': 'bytes',
      etag: `"${sha256('<script>')}"`,
    })
    const head = await call('HEAD', encodeURIComponent('a/plot é".html'))
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '8', ''])
    expect((await call('HEAD', 'none')).status).toBe(404)
    await artifacts.put('MLmodel', new TextEncoder().encode('x'))
    expect((await call('GET', 'MLmodel')).headers.get('content-type')).toBe('text/plain; charset=utf-8')
  })

  it.each([
    ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
    ['bytes=7-', 206, '789', 'bytes 7-9/10'],
    ['bytes=7-99', 206, '789', 'bytes 7-9/10'],
    ['bytes=-3', 206, '789', 'bytes 7-9/10'],
    ['bytes=10-', 416, undefined, 'bytes */10'],
    ['bytes=-0', 416, undefined, 'bytes */10'],
    ['bytes=4-2', 200, '0123456789', null],
    ['bytes=0-1,3-4', 200, '0123456789', null],
    ['rows=0-1', 200, '0123456789', null],
  ])('answers the range %s with %d', async (range, status, text, contentRange) => {
    await artifacts.put('digits', new TextEncoder().encode('0123456789'))
    const response = await call('GET', 'digits', { range })
    expect(response.status).toBe(status)
    const body = await response.text()
    if (text !== undefined) {
      expect(body).toBe(text)
      expect(response.headers.get('content-length')).toBe(String(text.length))
    }
    expect(response.headers.get('content-range')).toBe(contentRange)
  })

  it('spares what the client has, and gives the whole of what has changed', async () => {
    const { digest } = await artifacts.put('tagged', new TextEncoder().encode('0123456789'))
    const known = await call('GET', 'tagged', { 'if-none-match': `"${digest}"` })
    expect([known.status, await known.text()]).toEqual([304, ''])
    const same = await call('GET', 'tagged', { range: 'bytes=0-1', 'if-range': `"${digest}"` })
    expect([same.status, await same.text()]).toEqual([206, '01'])
    const other = await call('GET', 'tagged', { range: 'bytes=0-1', 'if-range': '"other"' })
    expect([other.status, await other.text()]).toEqual([200, '0123456789'])
  })

  it('keeps nothing of an upload that breaks off', async () => {
    await artifacts.put('broken', new TextEncoder().encode('old'))
    for (const path of ['broken', 'unbroken']) {
      const upload = startUpload(path, { 'content-length': '1000000' })
      upload.write(Buffer.alloc(300_000))
      // The server has read some of it when it has made the temporary file.
      await incoming((files) => files.length > 0)
      upload.destroy()
      await incoming((files) => files.length === 0)
    }
    expect(await artifacts.find('broken')).toMatchObject({ size: 3 })
    expect(await artifacts.find('unbroken')).toBeUndefined()
  })

  it('refuses what is too large, told or found out', async () => {
    const told = startUpload('huge', { 'content-length': String(limit + 1) })
    const [response] = await once(told, 'response')
    expect(response.statusCode).toBe(413)
    told.destroy()
    const found = await call('PUT', 'huge', {}, new Uint8Array(limit + 1))
    expect(found.status).toBe(413)
    expect(await found.json()).toMatchObject({ error_code: 'artifact.too_large' })
    expect(await artifacts.find('huge')).toBeUndefined()
  })

  it('answers a client that is still sending what is refused', async () => {
    await artifacts.put('sealed/a', new TextEncoder().encode('a'))
    await artifacts.seal('sealed', 'models:/m/1')
    const response = await call('PUT', 'sealed/b', {}, new Uint8Array(10_000_000))
    expect(response.status).toBe(409)
    expect(await response.json()).toMatchObject({ error_code: 'artifact.sealed' })
    expect((await call('PUT', '..%2f..%2fetc', {}, 'x')).status).toBe(400)
  })

  it('leaves a file that nobody reads to its end', async () => {
    const size = 30_000_000
    await artifacts.put('left', new Uint8Array(size))
    const controller = new AbortController()
    const response = await fetch(`${url}/files/left`, {
      headers: { authorization },
      signal: controller.signal,
    })
    await response.body?.getReader().read()
    controller.abort()
    expect((await call('GET', 'left', { range: 'bytes=0-0' })).status).toBe(206)
  })
})

describe('parts of uploads over HTTP', () => {
  it('need the address alone, and tell their digest', async () => {
    const upload = await artifacts.createUpload('multi/large', 2)
    const put = (part: number, body: string) =>
      fetch(url + uploadPartUrl(upload.id, part), { method: 'PUT', body })
    const first = await put(1, 'hel')
    expect([first.status, first.headers.get('etag')]).toEqual([200, `"${sha256('hel')}"`])
    await put(2, 'lo')
    expect((await put(3, 'x')).status).toBe(400)
    await artifacts.completeUpload(upload.id, [{ number: 1 }, { number: 2 }])
    expect(await (await call('GET', 'multi/large')).text()).toBe('hello')
    expect((await put(1, 'x')).status).toBe(404)
    expect((await fetch(url + uploadPartUrl('0'.repeat(64), 1), { method: 'PUT', body: 'x' })).status).toBe(
      404,
    )
    expect((await fetch(`${url}/files/multi/large`)).status).toBe(401)
  })
})

function startUpload(path: string, headers: Record<string, string>): ClientRequest {
  const upload = httpRequest(`${url}/files/${path}`, {
    method: 'PUT',
    headers: { authorization, ...headers },
  })
  upload.on('error', () => undefined)
  upload.flushHeaders()
  return upload
}

async function incoming(isAsWanted: (files: string[]) => boolean): Promise<void> {
  const { readdir } = await import('node:fs/promises')
  await expect
    .poll(async () => isAsWanted(await readdir(`${stores.dir}/objects/~incoming`)), { timeout: 10_000 })
    .toBe(true)
}
