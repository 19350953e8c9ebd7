import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { createClient } from '@millrace/client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHttpFetch } from './http-fetch.ts'

const httpFetch = createHttpFetch()
let server: Server
let url: string
beforeEach(async () => {
  server = createServer(async (request, response) => {
    const bytes = await buffer(request)
    if (request.url === '/silent') return
    if (request.url === '/begun') return response.writeHead(200, { 'content-length': 9 }).write('begun')
    if (request.url === '/moved') return response.writeHead(307, { location: '/there' }).end()
    const status = request.url === '/none' ? 204 : request.url === '/wrong' ? 400 : 200
    response.writeHead(status).end(status === 204 ? '' : `${request.method} ${request.url} ${bytes.length}`)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

describe('fetch that sends bytes from where they lie', () => {
  it.each([
    ['/bytes', 200, 'POST /bytes 3000000'],
    ['/wrong', 400, 'POST /wrong 3000000'],
    ['/none', 204, ''],
    ['/moved', 200, 'POST /there 3000000'],
  ])('answers as fetch does: %s', async (path, status, text) => {
    for (const each of [httpFetch, fetch]) {
      const response = await each(url + path, { method: 'POST', body: new Uint8Array(3_000_000) })
      expect([response.status, await response.text()]).toEqual([status, text])
    }
  })

  it('leaves other requests to fetch, and tells why there is no answer', async () => {
    expect(await (await httpFetch(`${url}/x`)).text()).toBe('GET /x 0')
    server.close()
    server.closeAllConnections()
    const { blobs } = createClient({ url, fetch: httpFetch, retries: 0 })
    await expect(blobs.putBatch(new Uint8Array(1))).rejects.toMatchObject({
      code: 'client.unreachable',
      details: { reason: expect.stringContaining('ECONNREFUSED') },
    })
  })

  it.each(['/silent', '/begun'])('gives up a server that says nothing more: %s', async (path) => {
    const patient = createHttpFetch({ inactivityMs: 50 })
    const sent = patient(url + path, { method: 'POST', body: new Uint8Array(1) })
    await expect(sent).rejects.toThrow('no byte came or went for 0.05 s')
  })

  it('ends as fetch does when the signal aborts', async () => {
    const reason = new Error('no longer wanted')
    for (const each of [httpFetch, fetch]) {
      const aborting = new AbortController()
      const init = { method: 'POST', body: new Uint8Array(1), signal: aborting.signal }
      server.once('request', () => aborting.abort(reason))
      await expect(each(`${url}/silent`, init)).rejects.toBe(reason)
      await expect(each(`${url}/bytes`, init)).rejects.toBe(reason)
    }
  })
})
