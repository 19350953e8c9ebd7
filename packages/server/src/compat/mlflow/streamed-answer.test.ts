import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { type FastifyInstance, fastify } from 'fastify'
import { afterEach, describe, expect, it } from 'vitest'
import { gathered, sendStreamed } from './streamed-answer.ts'

let server: FastifyInstance
afterEach(() => server.close())

async function* parts(...lists: object[][]) {
  yield* lists
}

function serve(answer: () => object): void {
  server = fastify()
  server.get('/', (_, reply) => sendStreamed(reply, answer()))
}

const long = { text: 'ä"\n'.repeat(100_000) }

describe('sendStreamed', () => {
  it.each([
    ['a short list', [[{ a: 1 }], [{ a: 2 }, { a: 3 }]]],
    ['a long list', [[long, { a: 1 }], [], [long], [{ a: 2 }]]],
    ['long items only', [[long], [long]]],
  ])('sends %s as JSON would be', async (_, lists) => {
    serve(() => ({ before: [1], list: parts(...lists), absent: undefined, after: 'x' }))
    const answer = await server.inject('/')
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([
      200,
      expect.stringContaining('json'),
    ])
    expect(answer.body).toBe(JSON.stringify({ before: [1], list: lists.flat(), after: 'x' }))
  })

  it('gathers what is not sent', async () => {
    expect(await gathered({ a: 1, list: parts([{ a: 1 }], [{ a: 2 }]), none: parts() })).toEqual({
      a: 1,
      list: [{ a: 1 }, { a: 2 }],
      none: undefined,
    })
  })

  it('leaves out a list that is empty, and says how long a short answer is', async () => {
    serve(() => ({ list: parts([], []), other: parts() }))
    const answer = await server.inject('/')
    expect([answer.body, answer.headers['content-length']]).toEqual(['{}', '2'])
  })

  it('answers an error of the first piece as one', async () => {
    serve(() => ({
      list: (async function* () {
        yield [{ a: 1 }]
        throw Object.assign(new Error('no more'), { statusCode: 418 })
      })(),
    }))
    const answer = await server.inject('/')
    expect([answer.statusCode, answer.json().message]).toEqual([418, 'no more'])
  })

  it('breaks the connection off at a later error', async () => {
    serve(() => ({
      list: (async function* () {
        yield [long]
        throw new Error('no more')
      })(),
    }))
    await server.listen({ port: 0, host: '127.0.0.1' })
    const { port } = server.server.address() as AddressInfo
    const answer = fetch(`http://127.0.0.1:${port}/`).then((response) => response.text())
    await expect(answer).rejects.toThrow('terminated')
  })

  it('reads no further than is taken', async () => {
    let read = 0
    serve(() => ({
      list: (async function* () {
        for (; read < 1000; read++) yield [long]
      })(),
    }))
    await server.listen({ port: 0, host: '127.0.0.1' })
    const { port } = server.server.address() as AddressInfo
    const socket = connect(port, '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')
    await once(socket, 'readable')
    // Nobody reads: what is on its way fits into the buffers of the connection.
    await new Promise((resolve) => server.server.getConnections(resolve))
    const closed = once(socket, 'close')
    socket.destroy()
    await closed
    expect(read).toBeLessThan(1000)
  })
})
