import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FeatureDetail, LineageGraph } from '@millrace/client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestTerminal } from '../../testing/terminal.ts'
import { runCli } from '../run-cli.ts'

const feature: FeatureDetail = {
  view: 'sales',
  feature: 'n_2h',
  kind: 'feature-view',
  type: 'int64',
  entity: 'shop',
  aggregate: 'count',
  windowMs: 7_200_000,
  description: 'Sales.',
  owner: 'shop@x',
  tags: { tier: 'gold' },
  version: '0123456789abcdef',
  viewDescription: null,
  definition: { type: 'int64', aggregate: 'count', windowMs: 7_200_000 },
  range: { min: 0, max: 9, outside: 'clip' },
  datasets: ['sales'],
  ttlMs: 2_592_000_000,
  hopMs: 3_600_000,
  services: ['buyers'],
  models: [{ model: 'late', version: 3 }],
  endpoints: [{ endpoint: 'lateness', revision: 2, model: 'late', version: 2, isCurrent: false }],
  materialized: { until: 0, updatedAt: 60_000, behindMs: 90_000 },
}
const node = (kind: LineageGraph['nodes'][number]['kind'], name: string, version?: string) => ({
  id: `${kind}:${name}${version === undefined ? '' : `@${version}`}`,
  kind,
  name,
  version,
})
const lineage: LineageGraph = {
  of: 'run:r1',
  nodes: [
    node('run', 'r1'),
    node('training-set', 'late', 'f'.repeat(64)),
    node('dataset', 'sales', '0123456789abcdef'),
    node('feature-view', 'pace', '0123456789abcdef'),
    node('source', 'sales.csv'),
    node('model-version', 'late', '3'),
  ],
  edges: [
    { from: `training-set:late@${'f'.repeat(64)}`, to: 'run:r1' },
    { from: 'dataset:sales@0123456789abcdef', to: `training-set:late@${'f'.repeat(64)}` },
    { from: 'feature-view:pace@0123456789abcdef', to: `training-set:late@${'f'.repeat(64)}` },
    { from: 'dataset:sales@0123456789abcdef', to: 'feature-view:pace@0123456789abcdef' },
    { from: 'source:sales.csv', to: 'dataset:sales@0123456789abcdef' },
    { from: 'run:r1', to: 'model-version:late@3' },
  ],
  truncated: true,
}

let server: Server
let url: string
let asked: string[] = []
beforeAll(async () => {
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://x')
    asked.push(decodeURIComponent(request.url ?? '').replaceAll('+', ' '))
    const answer =
      pathname === '/v1/lineage'
        ? lineage
        : pathname === '/v1/features'
          ? { items: [feature], nextPageToken: '1' }
          : feature
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => server.close())

async function cli(...args: string[]) {
  asked = []
  const { terminal, written } = createTestTerminal({ env: { MILLRACE_URL: url } })
  const code = await runCli(args, terminal, { stop: () => Promise.resolve() })
  return { code, ...written }
}

it('finds features by words, owner and tags', async () => {
  const { out } = await cli(
    'features',
    'search',
    'many',
    'sales',
    '--tag',
    'tier=gold',
    '--tag',
    'x',
    '--owner',
    'shop@x',
  )
  expect(asked).toEqual(['/v1/features?tag=tier=gold&tag=x&search=many sales&owner=shop@x&limit=50'])
  expect(out).toMatch(/sales:n_2h +int64 +count over 2h +shop +shop@x +tier=gold +Sales\./)
  expect(out).toContain('There are more')
  expect(JSON.parse((await cli('features', 'ls', '--json')).out)).toEqual([feature])
  expect(await cli('features', 'ls', '--limit', '0')).toMatchObject({
    code: 2,
    err: expect.stringContaining('--limit takes'),
  })
})

it('shows one feature', async () => {
  const { out } = await cli('features', 'show', 'sales:n_2h')
  expect(asked).toEqual(['/v1/features/sales/n_2h'])
  expect(out).toContain('  range      at least 0, at most 9; else clipped\n')
  expect(out).toContain('  ttl        30d\n')
  expect(out).toContain('  endpoints  lateness (late@2, with an older version)\n')
  expect(out).toContain('  online     up to 1970-01-01 00:00:00, 90 s behind, written 1970-01-01 00:01:00\n')
  expect(await cli('features', 'show', 'sales')).toMatchObject({ code: 2 })
})

it('shows a lineage as trees, each thing spread out once', async () => {
  const { out } = await cli('lineage', 'run:r1', '--depth', '9')
  expect(asked).toEqual(['/v1/lineage?of=run:r1&direction=both&depth=9&nodes=500'])
  expect(out).toBe(`run r1
  comes from
    training-set late@ffffffffffff
      dataset sales@0123456789ab
        source sales.csv
      feature-view pace@0123456789ab
        dataset sales@0123456789ab  (see above)
  goes into
    model-version late@3
There is more: raise --depth or --nodes.
`)
  expect(await cli('lineage', 'x', '--up', '--down')).toMatchObject({ code: 2 })
})
