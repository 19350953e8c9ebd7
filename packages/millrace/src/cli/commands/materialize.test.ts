import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestTerminal } from '../../testing/terminal.ts'
import { runCli } from '../run-cli.ts'
import { progressLine } from './materialize.ts'

const day = 86_400_000
const running = {
  view: 'v',
  from: null,
  until: 5,
  startedAt: 1000,
  intervals: 4,
  intervalsDone: 1,
  rows: 300,
}
const done = {
  view: 'v',
  viewVersion: '1',
  dataset: { dataset: 'd', version: '1' },
  until: 0,
  rows: 7,
  updatedAt: 0,
}
const idle = { view: 'v', running: null, done, finished: done, failure: null }

let server: Server
let url: string
let asked: { path: string; body: unknown }[]
let answers: object[]
beforeAll(async () => {
  server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    asked.push({ path: `${request.method} ${request.url}`, body: text === '' ? undefined : JSON.parse(text) })
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answers.shift()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => void server.close())

async function cli(given: object[], ...args: string[]) {
  asked = []
  answers = given
  const { terminal, written } = createTestTerminal({ env: { MILLRACE_URL: url } })
  const code = await runCli(['materialize', 'v', ...args], terminal, { stop: () => Promise.resolve() })
  return { code, ...written }
}

it('starts in the background and waits for the end', async () => {
  const args = ['--from', '1970-01-02', '--until', '1970-01-05', '--every', '12h']
  const { code, out } = await cli([{ ...idle, running }, idle], ...args)
  expect([code, out]).toEqual([0, 'v: 7 keys written, with what was known until 1970-01-01 00:00:00\n'])
  expect(asked).toEqual([
    {
      path: 'POST /v1/feature-views/v/materialize',
      body: { from: day, until: 4 * day, everyMs: day / 2, wait: false },
    },
    { path: 'GET /v1/feature-views/v/materialization', body: undefined },
  ])
  expect((await cli([idle])).code).toBe(0)
  expect(asked[0]?.body).toEqual({ wait: false })
})

it('fails with what it failed with', async () => {
  const failure = { error_code: 'lake.query_failed', message: 'The query failed: so', details: {} }
  expect(await cli([{ ...idle, finished: null, failure }])).toMatchObject({
    code: 1,
    err: expect.stringContaining('The query failed: so'),
  })
  // The server began anew meanwhile.
  expect((await cli([{ ...idle, finished: null }])).code).toBe(1)
  expect(await cli([], '--every', '1y')).toMatchObject({ code: 2, err: expect.stringContaining('got "1y"') })
})

it('ends what is at work', async () => {
  expect((await cli([{ view: 'v', cancelled: true }], '--cancel')).out).toBe(
    'v: cancelled; the next call goes on\n',
  )
  expect(asked[0]?.path).toBe('POST /v1/feature-views/v/cancel-materialization')
})

it('tells rows, rate and what is left', () => {
  expect(progressLine(running, 3000)).toBe(
    `v  ${'█'.repeat(5)}${'░'.repeat(15)} 1/4 intervals, 300 rows, 150 rows/s, 6.0 s left`,
  )
  expect(progressLine({ ...running, intervals: 1, intervalsDone: 0 }, 3000)).toBe('v  300 rows, 150 rows/s')
})
