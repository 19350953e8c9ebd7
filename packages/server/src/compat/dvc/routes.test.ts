import { createHash } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  createBlobStore,
  createDvcService,
  createFileSetRetention,
  createFileSetService,
  fileSetRoutes,
} from '../../domains/file-sets/index.ts'
import { createHttpServer, type HttpServer } from '../../http/server.ts'
import { createLogger } from '../../kernel/logger.ts'
import { fileSetsMigration } from '../../migrations/0018-file-sets.ts'
import { fileSetTagsMigration } from '../../migrations/0024-file-set-tags.ts'
import { createTemporaryStores } from '../../testing/temporary-stores.ts'
import { dvcRemoteRoutes } from './index.ts'

const limit = 100_000
const bytes = Buffer.alloc(limit, 'x')
const tooMany = Buffer.alloc(limit + 1, 'x')
const authorization = 'Bearer of the test'
const md5 = (content: Uint8Array) => createHash('md5').update(content).digest('hex')
const pathOf = (object: string) => `/dvc/shop/files/md5/${object.slice(0, 2)}/${object.slice(2)}`

let stores: Awaited<ReturnType<typeof createTemporaryStores>>
let http: HttpServer
let url: string
beforeAll(async () => {
  stores = await createTemporaryStores([fileSetsMigration, fileSetTagsMigration])
  const blobs = createBlobStore(stores)
  const fileSets = createFileSetService({ ...stores, blobs })
  const dvc = createDvcService({ ...stores, blobs, fileSets })
  const fileSetRetention = createFileSetRetention(stores)
  http = await createHttpServer({
    version: '0',
    logger: createLogger('silent'),
    token: 'of the test',
    metrics: new Registry(),
    isReady: async () => true,
    routes: [
      dvcRemoteRoutes({ dvc, blobs, limit }),
      fileSetRoutes({ fileSets, fileSetRetention, blobs, limit }),
    ],
  })
  await http.listen({ host: '127.0.0.1', port: 0 })
  url = `http://127.0.0.1:${(http.server.address() as AddressInfo).port}`
})
afterAll(async () => {
  await http.close()
  await stores.close()
})

/** Sends a body in chunks, without saying how long it is. */
async function send(method: string, path: string, content: Uint8Array) {
  const chunks = function* () {
    for (let at = 0; at < content.byteLength; at += 30_000) yield content.subarray(at, at + 30_000)
  }
  const body = ReadableStream.from(chunks())
  const headers = { authorization, 'content-type': 'application/octet-stream' }
  const response = await fetch(url + path, { method, body, headers, duplex: 'half' } as RequestInit)
  return { status: response.status, code: ((await response.json()) as { error_code?: string }).error_code }
}

const get = (path: string) => fetch(url + path, { headers: { authorization } })

describe('bodies that come in chunks', () => {
  it.each([
    ['POST', pathOf(md5(tooMany))],
    ['PUT', pathOf(md5(tooMany))],
    ['PUT', `/v1/blobs/${createHash('sha256').update(tooMany).digest('hex')}`],
    ['POST', '/v1/blob-batches'],
    ['POST', '/v1/file-sets/photos/versions'],
  ])('are refused when they are too long: %s %s', async (method, path) => {
    const content = path.endsWith('versions') ? Buffer.alloc(limit + 1, '\n') : tooMany
    const header = Buffer.from(`[["${'a'.repeat(64)}",${limit}]]\n`)
    const sent = path.endsWith('batches') ? Buffer.concat([header, content]) : content
    expect(await send(method, path, sent)).toEqual({ status: 413, code: 'artifact.too_large' })
    expect((await stores.objects.list('packs/')).objects).toEqual([])
  })

  it('are kept up to the limit', async () => {
    const path = pathOf(md5(bytes))
    expect((await get(path)).status).toBe(404)
    expect(await send('POST', path, bytes)).toEqual({ status: 200 })
    expect(Buffer.from(await (await get(path)).arrayBuffer()).equals(bytes)).toBe(true)
    expect(await send('POST', pathOf(md5(Buffer.from('x'))), bytes)).toEqual({
      status: 400,
      code: 'blob.mismatch',
    })
  })
})
