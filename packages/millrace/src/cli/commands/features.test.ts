import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestTerminal } from '../../testing/terminal.ts'
import { runCli } from '../run-cli.ts'

let folder: string
let server: Server
let url: string
let asked: { path: string; body: Record<string, unknown> }[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'features-'))
  server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    if (request.url === '/v1/feature-views/sales/remove-expired') {
      response.writeHead(200, { 'content-type': 'application/json' })
      return void response.end('{"view":"sales","removed":4}')
    }
    if (request.url === '/v1/feature-views/sales/profiles?limit=1') {
      const amount = { feature: 'amount', rows: 8, nulls: 2, distinct: 4, min: 0, max: 1e6, mean: 2 / 3 }
      const kind = { feature: 'kind', rows: 8, nulls: 0, distinct: 2, min: null, max: null, mean: null }
      const features = [
        { ...amount, quantiles: [0, 1, 2.5, 3, 4], drift: 0.25 },
        { ...kind, quantiles: null, drift: null },
      ]
      response.writeHead(200, { 'content-type': 'application/json' })
      return void response.end(JSON.stringify({ items: [{ view: 'sales', at: 1000, until: 0, features }] }))
    }
    const body = JSON.parse(text)
    asked.push({ path: request.url ?? '', body })
    const row = (shop: string) => ({
      values: { amount: shop === 'a' ? 2.5 : null, n: 3 },
      statuses: { amount: shop === 'a' ? 'PRESENT' : 'OUTSIDE_MAX_AGE', n: 'PRESENT' },
      eventTimes: { amount: 3_600_000, n: null },
    })
    const answer = request.url?.endsWith('/push')
      ? {
          view: 'sales',
          rows: body.rows.length,
          online: { keys: 1 },
          offline: { dataset: 'd', version: 'v2' },
        }
      : { rows: body.rows.map((one: { shop: string }) => row(one.shop)) }
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await writeFile(join(folder, 'keys.ndjson'), '{"shop":"a"}\n{"shop":"b"}\n')
})
afterAll(async () => {
  server.close()
  await rm(folder, { recursive: true })
})

async function cli(...args: string[]) {
  asked = []
  const { terminal, written } = createTestTerminal({ env: { MILLRACE_URL: url }, cwd: folder })
  const code = await runCli(['features', ...args], terminal, { stop: () => Promise.resolve() })
  return { code, ...written }
}

it('shows the features of one entity with their status and time', async () => {
  const { out } = await cli('get', 'sales:amount', 'sales:n', '--keys', '{"shop":"a"}', '--at', '2001-05-01')
  expect(out).toMatch(/amount +2\.5 +PRESENT +1970-01-01 01:00:00\n +n +3 +PRESENT\n/)
  expect(asked).toEqual([
    {
      path: '/v1/online-features',
      body: {
        features: ['sales:amount', 'sales:n'],
        rows: [{ shop: 'a' }],
        at: Date.UTC(2001, 4, 1),
        answer: 'rows',
      },
    },
  ])
})

it('shows several entities as a table, and a service by its name', async () => {
  const { out } = await cli('get', 'shop_features', '--file', 'keys.ndjson')
  expect(out).toMatch(/shop +amount +n\n +a +2\.5 +3\n +b +OUTSIDE_MAX_AGE +3\n/)
  expect(asked[0]?.body).toMatchObject({ service: 'shop_features', rows: [{ shop: 'a' }, { shop: 'b' }] })
  const lines = (await cli('get', 'shop_features', '--file', 'keys.ndjson', '--json')).out.trim().split('\n')
  expect(lines.map((line) => JSON.parse(line).values.amount)).toEqual([2.5, null])
})

it('removes what is too old', async () => {
  expect((await cli('clean', 'sales')).out).toBe('sales: 4 rows removed\n')
})

it('shows what was materialized', async () => {
  const { out } = await cli('profile', 'sales')
  expect(out).toMatch(/^sales as of 1970-01-01 00:00:00, written 1970-01-01 00:00:01\n/)
  expect(out).toMatch(/amount +8 +25\.0 % +4 +0 +2\.5000 +0\.66667 +1000000 +0\.250\n/)
  expect(out).toMatch(/kind +8 +0\.0 % +2 +- +- +- +- +-\n/)
  expect(await cli('profile', 'sales', '--last', '51')).toMatchObject({ code: 2 })
})

it('pushes rows', async () => {
  const { out } = await cli('push', 'sales', '--file', 'keys.ndjson')
  expect(out).toBe('sales: 2 rows, 1 keys online, version v2 of d\n')
  expect(asked[0]).toMatchObject({ path: '/v1/feature-views/sales/push', body: { to: 'both' } })
})

it.each([
  [['get', 's'], 'give either --keys or --file'],
  [['get', 's', '--keys', '[1]'], '--keys must be a JSON object, got [1]'],
  [['push', 'v', '--row', '{}', '--to', 'there'], '--to takes online, offline or both, got "there"'],
])('%j is refused', async (args, message) => {
  expect(await cli(...args)).toMatchObject({ code: 2, err: expect.stringContaining(message) })
  expect(asked).toEqual([])
})
