import { request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { type FastifyInstance, fastify } from 'fastify'
import { afterEach, describe, expect, it } from 'vitest'
import { type BodyBudgetOptions, createBodyBudget } from './body-budget.ts'
import { sendError } from './errors.ts'

const kilobytes = (count: number) => JSON.stringify('x'.repeat(count * 1024))

let server: FastifyInstance
afterEach(() => server.close())

/** A server whose answers to `/held` wait until they are let go. */
async function serve(options: BodyBudgetOptions) {
  const held: (() => void)[] = []
  const arrivals: (() => void)[] = []
  const arrived = () => new Promise<void>((resolve) => arrivals.push(resolve))
  server = fastify({ bodyLimit: 8 * 1024 ** 2, forceCloseConnections: true })
  server.setErrorHandler(sendError)
  server.addHook('preParsing', createBodyBudget(options))
  server.post('/held', async () => {
    await new Promise<void>((resolve) => {
      held.push(resolve)
      arrivals.shift()?.()
    })
    return 'done'
  })
  server.post('/stream', { config: { streamsBody: true } }, async () => 'done')
  await server.listen({ port: 0, host: '127.0.0.1' })
  const { port } = server.server.address() as AddressInfo
  const post = async (path: string, body: string, signal?: AbortSignal) => {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', headers, body, signal })
    return { status: answer.status, retryAfter: answer.headers.get('retry-after'), body: await answer.text() }
  }
  return { port, post, held, arrived }
}

describe('the budget of bodies', () => {
  it('lets a body wait until there is room, in the order of coming', async () => {
    const { post, held, arrived } = await serve({ bytes: 3000 * 1024, waitMs: 600_000 })
    const first = arrived()
    const one = post('/held', kilobytes(2000))
    await first
    const second = arrived()
    const two = post('/held', kilobytes(2000))
    // What is small does not wait, nor what is taken as a stream.
    const third = arrived()
    const small = post('/held', kilobytes(500))
    await second
    expect((await post('/stream', kilobytes(2000))).body).toBe('done')
    expect(held).toHaveLength(2)
    held[1]?.()
    expect((await small).body).toBe('done')
    held[0]?.()
    expect((await one).body).toBe('done')
    await third
    held[2]?.()
    expect((await two).body).toBe('done')
  })

  it('refuses what has waited too long, and takes it again later', async () => {
    const { post, held, arrived } = await serve({ bytes: 3000 * 1024, waitMs: 0 })
    const first = arrived()
    const one = post('/held', kilobytes(2000))
    await first
    const refused = await post('/held', kilobytes(2000))
    expect(refused).toMatchObject({ status: 503, retryAfter: '1' })
    expect(JSON.parse(refused.body)).toMatchObject({ error_code: 'request.busy' })
    held[0]?.()
    expect((await one).status).toBe(200)
    const again = arrived()
    const two = post('/held', kilobytes(2000))
    await again
    held[1]?.()
    expect((await two).status).toBe(200)
  })

  it('lets a body that is larger than all of it be alone', async () => {
    const { post, held, arrived } = await serve({ bytes: 1000 * 1024, waitMs: 0 })
    const first = arrived()
    const one = post('/held', kilobytes(2000))
    await first
    expect((await post('/held', kilobytes(1200))).status).toBe(503)
    held[0]?.()
    expect((await one).status).toBe(200)
  })

  it('gives back what belonged to a sender that broke off', async () => {
    const { port, post, held, arrived } = await serve({ bytes: 3000 * 1024, waitMs: 600_000 })
    const body = kilobytes(2000)
    const first = arrived()
    const sent = httpRequest({ port, host: '127.0.0.1', method: 'POST', path: '/held' })
    sent.setHeader('content-type', 'application/json')
    sent.setHeader('content-length', String(body.length))
    sent.on('error', () => {})
    sent.end(body)
    await first
    const second = arrived()
    const two = post('/held', body)
    sent.destroy()
    await second
    held[1]?.()
    expect((await two).status).toBe(200)
  })

  it('counts a body that does not say how long it is as the most that it can be', async () => {
    const { port, post, held, arrived } = await serve({ bytes: 3000 * 1024, waitMs: 0 })
    const first = arrived()
    const sent = httpRequest({ port, host: '127.0.0.1', method: 'POST', path: '/held' })
    sent.setHeader('content-type', 'application/json')
    sent.setHeader('transfer-encoding', 'chunked')
    sent.end('{}')
    await first
    expect((await post('/held', kilobytes(1200))).status).toBe(503)
    held[0]?.()
    const answer = await new Promise<NodeJS.ReadableStream>((resolve) => sent.on('response', resolve))
    expect(await text(answer)).toBe('done')
  })
})
