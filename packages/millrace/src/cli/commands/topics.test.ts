import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestTerminal } from '../../testing/terminal.ts'
import { runCli } from '../run-cli.ts'

let server: Server
beforeAll(async () => {
  server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const answer =
      request.url === '/v1/topics'
        ? { items: [{ name: 'orders', views: ['newest', 'spending'] }] }
        : { topic: request.url?.split('/')[3], events: JSON.parse(text).events.length }
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => void server.close())

async function cli(...args: string[]) {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { terminal, written } = createTestTerminal({ env: { MILLRACE_URL: url } })
  const code = await runCli(['topics', ...args], terminal, { stop: () => Promise.resolve() })
  return { code, ...written }
}

it('lists topics with their readers, and sends events', async () => {
  expect((await cli('ls')).out).toMatch(/topic +read by\n +orders +newest, spending\n/)
  expect((await cli('send', 'orders', '--row', '{"order_id":"1"}')).out).toBe('orders: 1 event\n')
  expect((await cli('send', 'orders', '--row', '{"order_id":"1"}', '--json')).out).toBe(
    '{"topic":"orders","events":1}\n',
  )
  expect(await cli('send', 'orders')).toMatchObject({
    code: 2,
    err: expect.stringContaining('--row or --file'),
  })
})
