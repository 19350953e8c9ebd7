import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHttpServer, type HttpServer } from '../../http/server.ts'
import { sha256 } from '../../kernel/hash.ts'
import { createLogger } from '../../kernel/logger.ts'
import { migrations } from '../../migrations/index.ts'
import { createTemporaryStores } from '../../testing/temporary-stores.ts'
import { runArtifactRoutes } from './artifact-routes.ts'
import { createTrackingService, type TrackingService } from './service.ts'

let stores: Awaited<ReturnType<typeof createTemporaryStores>>
let tracking: TrackingService
let http: HttpServer

beforeAll(async () => {
  stores = await createTemporaryStores([])
  await stores.db.migrate(migrations)
  tracking = createTrackingService(stores)
  http = await createHttpServer({
    version: '0',
    logger: createLogger('silent'),
    token: null,
    metrics: new Registry(),
    isReady: async () => true,
    routes: [runArtifactRoutes(tracking, 1000)],
  })
})
afterAll(async () => {
  await http.close()
  await stores.close()
})

async function newRun() {
  const { id } = await tracking.createRun({ experiment: 'tests' })
  const url = `/v1/runs/${id}/artifacts`
  return {
    id,
    url,
    put: (path: string, payload: string) => http.inject({ method: 'PUT', url: `${url}/${path}`, payload }),
    list: async (query = '') => (await http.inject(`${url}${query}`)).json(),
  }
}

describe('files of a run over HTTP', () => {
  it('are stored, read, described and deleted', async () => {
    const { url, put, list } = await newRun()
    expect((await put('plots/my%20plot.svg', '<svg/>')).json()).toMatchObject({
      path: 'plots/my plot.svg',
      size: 6,
      digest: sha256('<svg/>'),
    })
    const head = await http.inject({ method: 'HEAD', url: `${url}/plots/my%20plot.svg` })
    expect(head.headers).toMatchObject({ 'content-length': '6', etag: `"${sha256('<svg/>')}"` })
    const part = await http.inject({ url: `${url}/plots/my%20plot.svg`, headers: { range: 'bytes=1-3' } })
    expect([part.statusCode, part.body, part.headers['content-range']]).toEqual([206, 'svg', 'bytes 1-3/6'])
    expect((await http.inject({ method: 'DELETE', url: `${url}/plots` })).json()).toEqual({
      files: 1,
      bytes: 6,
    })
    expect(await list()).toEqual({ items: [] })
    const gone = await http.inject({ method: 'HEAD', url: `${url}/plots/my%20plot.svg` })
    expect(gone.statusCode).toBe(404)
  })

  it('are listed whole or by level, page by page', async () => {
    const { put, list } = await newRun()
    for (const path of ['a', 'b/1', 'b/2', 'c']) await put(path, path)
    const all = async (query: string) => {
      const seen: string[] = []
      let token: string | undefined
      do {
        const next = token === undefined ? '' : `&pageToken=${token}`
        const { items, nextPageToken } = await list(`?limit=2${query}${next}`)
        seen.push(...items.map(({ kind, path }: { kind: string; path: string }) => `${kind} ${path}`))
        token = nextPageToken
      } while (token !== undefined)
      return seen
    }
    expect(await all('')).toEqual(['file a', 'file b/1', 'file b/2', 'file c'])
    expect(await all('&folder=')).toEqual(['file a', 'folder b', 'file c'])
    expect(await all('&folder=b')).toEqual(['file b/1', 'file b/2'])
  })

  it('keep their bytes after the end of the run', async () => {
    const { id, put } = await newRun()
    await put('a', 'one')
    expect((await put('a', 'two')).statusCode).toBe(200)
    await tracking.finishRun(id, 'FINISHED')
    expect((await put('a', 'three')).json()).toMatchObject({ error_code: 'run.artifact_exists' })
    expect((await put('a', 'two')).statusCode).toBe(200)
    expect((await put('b', 'new')).statusCode).toBe(200)
  })

  it('are refused where clients keep them themselves, or beyond the limit', async () => {
    const { id } = await tracking.createExperiment({ name: 'outside', artifactLocation: 's3://bucket/x' })
    const run = await tracking.createRun({ experimentId: id })
    const url = `/v1/runs/${run.id}/artifacts`
    expect((await http.inject({ method: 'PUT', url: `${url}/a`, payload: 'x' })).json()).toMatchObject({
      error_code: 'artifact.not_writable',
    })
    expect((await http.inject(`${url}/a`)).json()).toMatchObject({ error_code: 'artifact.not_readable' })
    expect((await http.inject(url)).json()).toMatchObject({
      error_code: 'artifact.not_readable',
      message: expect.stringContaining(`s3://bucket/x/${run.id}/artifacts`),
    })
    const { put } = await newRun()
    expect((await put('large', 'x'.repeat(1001))).statusCode).toBe(413)
  })
})
