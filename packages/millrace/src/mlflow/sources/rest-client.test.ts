import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { authorizationFrom, createRestClient } from './rest-client.ts'

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

async function serving(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

interface Seen {
  method: string | undefined
  url: string | undefined
  authorization: string | undefined
  body: string
}

/** A server that gives these answers one after another, and what it was asked. */
async function answering(answers: [status: number, body: string][]) {
  const seen: Seen[] = []
  const url = await serving(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    seen.push({
      method: request.method,
      url: request.url,
      authorization: request.headers.authorization,
      body,
    })
    const [status, text] = answers[seen.length - 1] ?? [500, 'no more answers']
    response.writeHead(status).end(text)
  })
  const waits: number[] = []
  const client = createRestClient({
    url: `${url}/`,
    authorization: 'Bearer secret',
    pauses: [5, 10],
    sleep: async (ms) => void waits.push(ms),
  })
  return { client, seen, waits }
}

describe('createRestClient', () => {
  it('repeats keys of queries and sends the credentials', async () => {
    const { client, seen } = await answering([[200, '{"a": 1}']])
    expect(await client.get('/x', { one: 'a b', many: ['1', '2'], none: undefined })).toEqual({ a: 1 })
    expect(seen).toMatchObject([
      { method: 'GET', url: '/x?one=a+b&many=1&many=2', authorization: 'Bearer secret' },
    ])
  })

  it('tries again what fails for a while, with the whole body', async () => {
    const { client, seen, waits } = await answering([
      [503, 'busy'],
      [429, 'slow down'],
      [200, '{}'],
    ])
    const open = async () =>
      (async function* () {
        yield new TextEncoder().encode('by')
        yield new TextEncoder().encode('tes')
      })()
    expect(await client.upload('/file', open)).toEqual({})
    expect(seen.map(({ body }) => body)).toEqual(['bytes', 'bytes', 'bytes'])
    expect(waits).toEqual([5, 10])
  })

  it('tells what the server said, in JSON, in text, and when it has said it too often', async () => {
    const { client, seen } = await answering([
      [400, '{"error_code": "INVALID_PARAMETER_VALUE", "message": "no such thing"}'],
      [404, '<html>none</html>'],
      [500, 'a'],
      [500, 'b'],
      [500, 'c'],
    ])
    const refused = (status: number, reason: string) =>
      expect.objectContaining({
        code: 'mlflow.refused',
        details: expect.objectContaining({ status, reason }),
      })
    await expect(client.send('POST', '/x', {})).rejects.toEqual(refused(400, 'no such thing'))
    await expect(client.get('/x')).rejects.toEqual(refused(404, '<html>none</html>'))
    await expect(client.get('/x')).rejects.toEqual(refused(500, 'c'))
    expect(seen).toHaveLength(5)
  })

  it('stops sending to a server that has refused', async () => {
    const url = await serving((_request, response) => void response.writeHead(413).end('too much'))
    const endless = async () =>
      (async function* () {
        while (true) yield new Uint8Array(100_000)
      })()
    await expect(createRestClient({ url }).upload('/file', endless)).rejects.toThrow(/413: too much/)
  })

  it('does not try again what cannot be read', async () => {
    let asked = 0
    const url = await serving((request) => {
      asked++
      request.resume()
    })
    const broken = async () =>
      (async function* () {
        yield new Uint8Array(10)
        throw new Error('the disk is gone')
      })()
    await expect(createRestClient({ url }).upload('/file', broken)).rejects.toThrow(/^the disk is gone$/)
    expect(asked).toBeLessThanOrEqual(1)
  })

  it('says which server does not answer', async () => {
    const client = createRestClient({ url: 'http://127.0.0.1:1', pauses: [] })
    await expect(client.get('/x')).rejects.toEqual(expect.objectContaining({ code: 'mlflow.unavailable' }))
  })
})

it('takes the credentials that MLflow takes', () => {
  const [user, password, token] = ['ada', 'secret', 'abc']
  expect(
    authorizationFrom({
      MLFLOW_TRACKING_USERNAME: user,
      MLFLOW_TRACKING_PASSWORD: password,
      MLFLOW_TRACKING_TOKEN: token,
    }),
  ).toBe(`Basic ${btoa('ada:secret')}`)
  expect(authorizationFrom({ MLFLOW_TRACKING_USERNAME: user, MLFLOW_TRACKING_TOKEN: token })).toBe(
    'Bearer abc',
  )
  expect(authorizationFrom({})).toBeUndefined()
})
