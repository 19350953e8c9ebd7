import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestTerminal } from '../../testing/terminal.ts'
import { runCli } from '../run-cli.ts'

const same = { mismatched: 0, missing: 0, extra: 0, marked: 0, examples: [] }
const amount = {
  feature: 'amount_2h',
  ...same,
  mismatched: 1,
  meanDifference: -40,
  relativeDifference: 1.7391304,
  examples: [{ id: 'read_1', at: 1_704_110_400_000, online: 3.5, training: 43.5 }],
}
const features = [amount, { feature: 'note', ...same, meanDifference: null, relativeDifference: null }]
const day = { from: 1_704_067_200_000, until: 1_704_153_600_000 }
const check = { id: 'check_1', ...day, checkedAt: 2, reads: 3, consistent: false }
const inconsistent = { feature: 'amount_2h', share: 1 / 3 }

let server: Server
let asked: { path: string; body: unknown }[] = []
beforeAll(async () => {
  const named = (kind: string, name: string) => ({ kind, name })
  const answers: Record<string, object> = {
    '/v1/definitions': {
      items: [
        named('feature-service', 'shop'),
        named('feature-service', 'both'),
        named('endpoint', 'both'),
        named('endpoint', 'quiet'),
      ],
    },
    '/v1/feature-services/shop/consistency': {
      ...check,
      inconsistent: [inconsistent],
      versions: [{ version: 'abc', reads: 3, features, datasets: [] }],
    },
    '/v1/endpoints/both/consistency': {
      ...check,
      consistent: true,
      inconsistent: [],
      revisions: [{ revision: 2, modelVersion: 'm/7', reads: 3, features: [features[1]], datasets: [] }],
    },
    '/v1/endpoints/quiet/consistency': {
      ...check,
      reads: 0,
      consistent: true,
      inconsistent: [],
      revisions: [],
    },
  }
  server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    if (text !== '') asked.push({ path: request.url ?? '', body: JSON.parse(text) })
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answers[request.url ?? '']))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => void server.close())

async function cli(...args: string[]) {
  asked = []
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { terminal, written } = createTestTerminal({ env: { MILLRACE_URL: url } })
  const range = ['--from', '2024-01-01', '--until', '2024-01-02']
  const code = await runCli(['consistency', ...args, ...range], terminal, { stop: () => Promise.resolve() })
  return { code, ...written }
}

it('shows the features that differ, and fails', async () => {
  const { code, out } = await cli('shop', '--tolerated', '0.001')
  expect(asked).toEqual([
    {
      path: '/v1/feature-services/shop/consistency',
      body: { ...day, tolerated: 0.001 },
    },
  ])
  expect(out).toContain('definitions abc: 3 reads, 1 of 2 features the same in all\n')
  expect(out).toMatch(/amount_2h +33\.3 % +1 +0 +0 +0 +-40 +1\.739\n/)
  expect(out).toMatch(/amount_2h +2024-01-01 12:00:00 +online 3\.5 +training 43\.5 +read_1\n/)
  expect(out).toMatch(/shop: 3 reads compared, 1 feature differs in more than 0\.1 % of them\n$/)
  expect(code).toBe(1)
})

it('asks which of two is meant, and takes endpoints', async () => {
  expect(await cli('both')).toMatchObject({ code: 2, err: expect.stringContaining('say which with --kind') })
  const { code, out } = await cli('both', '--kind', 'endpoint', '--sample', '0.5')
  expect(asked[0].body).toMatchObject({ sample: 0.5 })
  expect(out).toBe(
    'revision 2 (m/7): 3 reads, 1 of 1 features the same in all\nboth: 3 reads compared, no feature differs in more than 1 % of them\n',
  )
  expect(code).toBe(0)
  expect((await cli('quiet')).out).toBe(
    'quiet: no reads from 2024-01-01 00:00:00 until 2024-01-02 00:00:00\n',
  )
})

it('refuses names that nothing has, and shares and kinds that are none', async () => {
  expect(await cli('nothing')).toMatchObject({ code: 1, err: expect.stringContaining('"nothing"') })
  expect(await cli('shop', '--sample', '2')).toMatchObject({
    code: 2,
    err: expect.stringContaining('--sample takes a share from 0 to 1, got "2"'),
  })
  expect((await cli('shop', '--kind', 'view')).err).toContain('--kind takes endpoint or feature-service')
})
