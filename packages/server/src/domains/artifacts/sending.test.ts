import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type FastifyInstance, fastify } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sendBody } from './sending.ts'

const chunkBytes = 1024 * 1024

let app: FastifyInstance
let url: string
/** What the routes of this test have sent, and how they ended. */
let taken: number
let left: boolean

async function* chunks(count: number, failure?: Error): AsyncGenerator<Uint8Array> {
  try {
    for (; taken < count; taken++) yield Buffer.allocUnsafeSlow(chunkBytes).fill(taken)
    if (failure) throw failure
  } finally {
    left = true
  }
}

beforeEach(async () => {
  taken = 0
  left = false
  app = fastify()
  app.get('/whole/:count', (request, reply) => {
    const count = Number((request.params as { count: string }).count)
    return sendBody(reply.header('x-own', 'kept'), chunks(count), count * chunkBytes)
  })
  app.get('/short', (_, reply) => sendBody(reply, chunks(2), 3 * chunkBytes))
  app.get('/long', (_, reply) => sendBody(reply, chunks(4), 3 * chunkBytes))
  app.get('/broken', (_, reply) => sendBody(reply, chunks(2, new Error('disk')), 3 * chunkBytes))
  await app.listen({ host: '127.0.0.1', port: 0 })
  url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
})
afterEach(() => app.close())

async function open(path: string): Promise<IncomingMessage> {
  const [response] = await once(get(`${url}${path}`, { agent: false }), 'response')
  return response
}

describe('a body on its way to the client', () => {
  it('arrives whole, with the headers of the answer', async () => {
    const response = await fetch(`${url}/whole/5`)
    expect(response.headers.get('x-own')).toBe('kept')
    const bytes = new Uint8Array(await response.arrayBuffer())
    expect(bytes.byteLength).toBe(5 * chunkBytes)
    expect([0, 1, 2, 3, 4].map((i) => bytes[(i + 1) * chunkBytes - 1])).toEqual([0, 1, 2, 3, 4])
    expect(await (await fetch(`${url}/whole/0`)).text()).toBe('')
  })

  it('waits for a client that is slow, and is left when it goes', async () => {
    const response = await open('/whole/200')
    await expect.poll(() => taken).toBeGreaterThan(0)
    // The client reads nothing: the buffers of the connection fill up. Other requests are answered meanwhile.
    for (let i = 0; i < 50; i++) expect((await fetch(`${url}/none`)).status).toBe(404)
    expect(taken).toBeLessThan(50)
    expect(left).toBe(false)
    response.destroy()
    await expect.poll(() => left).toBe(true)
    expect(taken).toBeLessThan(50)
  })

  it.each(['/short', '/broken'])('is cut when it is not what was announced: %s', async (path) => {
    const response = await open(path)
    response.resume()
    await expect(once(response, 'end')).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(left).toBe(true)
  })
  it('gives no more than was announced', async () => {
    const bytes = await (await fetch(`${url}/long`)).arrayBuffer()
    expect(bytes.byteLength).toBe(3 * chunkBytes)
    expect(left).toBe(true)
  })
})
