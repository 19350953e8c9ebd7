import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fail, isPlatformError } from '@millrace/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { createClient } from './index.ts'

interface Seen {
  method: string
  url: string
  authorization: string | undefined
  body: unknown
}
type Answer = { status?: number; body: unknown } | 'hang-up'

let server: Server | undefined
afterEach(() => server?.close())

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text ? JSON.parse(text) : undefined
}

/** A server that gives the answers one after the other, and a client that does not wait between attempts. */
async function startServer(answers: Answer[]) {
  const seen: Seen[] = []
  const delays: number[] = []
  server = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request
    seen.push({ method, url, authorization: headers.authorization, body: await bodyOf(request) })
    const answer = answers.shift() ?? { status: 500, body: 'no answer left' }
    if (answer === 'hang-up') return void request.socket.destroy()
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' })
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body))
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const client = createClient({ url, token: 'secret', delay: async (ms) => void delays.push(ms) })
  return { client, seen, delays, url }
}

const unavailable: Answer = { status: 503, body: fail('storage.unavailable', { reason: 'x' }).toBody() }
const run = { id: 'r1', pipeline: 'p', state: 'running', steps: [] }

describe('createClient', () => {
  it('sends the token, encodes what goes into a path, and leaves out what is not given', async () => {
    const { client, seen } = await startServer([{ body: { items: [] } }])
    await client.datasets.versions('a/b', { limit: 5 })
    expect(seen).toEqual([
      {
        method: 'GET',
        url: '/v1/datasets/a%2Fb/versions?limit=5',
        authorization: 'Bearer secret',
        body: undefined,
      },
    ])
  })

  it('rebuilds the error of the server', async () => {
    const body = fail('definition.not_found', { kind: 'endpoint', name: 'x' }).toBody()
    const { client, seen } = await startServer([{ status: 404, body }])
    const error = await client.endpoints.get('x').catch((e: unknown) => e)
    expect(isPlatformError(error)).toBe(true)
    expect(error).toMatchObject({ code: 'definition.not_found', status: 404, message: body.message })
    expect(seen).toHaveLength(1)
  })

  it('says so when the answer is not from Millrace', async () => {
    const { client } = await startServer([
      { status: 404, body: '<html>' },
      { status: 400, body: { error_code: 'new.code', message: 'of a newer server' } },
      { body: 'hello' },
    ])
    await expect(client.endpoints.list()).rejects.toMatchObject({ code: 'client.unexpected_response' })
    await expect(client.endpoints.list()).rejects.toThrow('new.code: of a newer server')
    await expect(client.endpoints.list()).rejects.toThrow('answered 200')
  })

  it('tries again, later each time, when the connection breaks or the server is busy', async () => {
    const { client, seen, delays } = await startServer(['hang-up', unavailable, { body: { items: [] } }])
    await expect(client.endpoints.list()).resolves.toEqual({ items: [] })
    expect(seen).toHaveLength(3)
    expect(delays).toHaveLength(2)
    expect(delays[0]).toBeGreaterThanOrEqual(50)
    expect(delays[1]).toBeGreaterThanOrEqual(100)
  })

  it('gives up after the retries', async () => {
    const { client, seen } = await startServer([
      unavailable,
      unavailable,
      unavailable,
      unavailable,
      unavailable,
    ])
    await expect(client.endpoints.list()).rejects.toMatchObject({ code: 'storage.unavailable' })
    expect(seen).toHaveLength(4)
  })

  it('repeats a prediction or a start only if it has an id', async () => {
    const inputs = { date: new Date(0), origin: 'JFK' }
    const once = await startServer([unavailable])
    await expect(once.client.predict('late', { inputs })).rejects.toMatchObject({
      code: 'storage.unavailable',
    })
    await expect(once.client.pipelines.start('p')).rejects.toThrow()
    expect(once.seen).toHaveLength(2)
    server?.close()
    const { client, seen } = await startServer([
      unavailable,
      { body: { id: 'a' } },
      unavailable,
      { body: run },
    ])
    await client.predict({ kind: 'endpoint', name: 'late' }, { id: 'a', inputs })
    await client.pipelines.start('p', { requestId: 'q' })
    expect(seen).toHaveLength(4)
    expect(seen[1]).toMatchObject({
      url: '/v1/endpoints/late/predict',
      body: { id: 'a', inputs: { date: '1970-01-01T00:00:00.000Z', origin: 'JFK' } },
    })
  })

  it('waits for the end of a run over a restart of the server', async () => {
    const gone: Answer[] = Array.from({ length: 9 }, () => 'hang-up')
    const { client } = await startServer([{ body: run }, ...gone, { body: { ...run, state: 'failed' } }])
    const states: string[] = []
    const end = await client.pipelines.wait('r1', { onProgress: ({ state }) => states.push(state) })
    expect(end.state).toBe('failed')
    expect(states).toEqual(['running', 'failed'])
  })

  it('says what is wrong when nobody listens', async () => {
    const { url } = await startServer([])
    await new Promise((resolve) => server?.close(resolve))
    const client = createClient({ url, retries: 0 })
    await expect(client.endpoints.list()).rejects.toThrow(/No answer from http.*ECONNREFUSED.*millrace up/)
    expect(await client.isReady()).toBe(false)
  })
})
