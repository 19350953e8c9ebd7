import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fail } from '@millrace/protocol'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestTerminal } from '../../testing/terminal.ts'
import { runCli } from '../run-cli.ts'

const digest = 'ab'.repeat(32)
const set = {
  name: 'late',
  rows: 3,
  from: 0,
  until: 86_400_000,
  timestamp: 'at',
  label: 'late',
  features: ['size'],
  columns: [
    { name: 'at', type: 'timestamp', role: 'timestamp' },
    { name: 'size', type: 'float64', role: 'feature' },
    { name: 'late', type: 'boolean', role: 'label' },
  ],
}
const answers: Record<string, unknown> = {
  '/v1/training-sets?name=late&limit=20': { items: [{ ...set, digest, size: 1000, createdAt: 0 }] },
  '/v1/training-sets?name=late&limit=1': { items: [{ ...set, digest, size: 1000, createdAt: 0 }] },
  '/v1/training-sets?name=pruned&limit=1': { items: [], nextPageToken: 'next' },
  '/v1/training-sets?name=pruned&limit=1&pageToken=next': {
    items: [{ ...set, digest, size: 1000, createdAt: 0 }],
  },
  '/v1/training-sets?name=none&limit=1': { items: [] },
  [`/v1/training-sets/${digest}`]: {
    ...set,
    content: { digest, size: 1000 },
    datasets: [{ dataset: 'orders', version: 'v1' }],
    outsideRange: { size: 2, other: 0 },
    leakage: [{ check: 'id_like', name: 'size', message: '"size" is like an id' }],
    members: [
      { member: 'train', digest: 'cd'.repeat(32), rows: 1 },
      { member: 'test', digest, rows: 1 },
    ],
    statistics: { size: { nulls: 1, distinct: 2 } },
  },
}

let folder: string
let server: Server
let url: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'training-set-'))
  server = createServer((request, response) => {
    const path = request.url ?? ''
    if (path === `/v1/training-sets/${digest}/data?format=parquet`) return void response.end('PAR1')
    if (path === `/v1/training-sets/${digest}/data?format=arrow`) {
      // Breaks off in the middle.
      response.writeHead(200, { 'content-length': '100' })
      return void response.write('ARROW1', () => response.destroy())
    }
    const missing = fail('training_set.not_found', { digest }).toBody()
    response.writeHead(path in answers ? 200 : 404, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answers[path] ?? missing))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.close()
  await rm(folder, { recursive: true })
})

async function cli(...args: string[]) {
  const { terminal, written } = createTestTerminal({ env: { MILLRACE_URL: url }, cwd: folder })
  const code = await runCli(['training-set', ...args], terminal, { stop: () => Promise.resolve() })
  return { code, ...written }
}

it('lists training sets', async () => {
  const { code, out } = await cli('ls', 'late')
  expect(code).toBe(0)
  expect(out).toMatch(/late +abababababab +3 +1970-01-01 00:00:00 +1970-01-02 00:00:00 +late +1970/)
  expect(JSON.parse((await cli('ls', 'late', '--json')).out)).toMatchObject([{ digest }])
})

it('shows one by its name, which is the newest, or its digest', async () => {
  const { out } = await cli('show', 'late')
  expect(out).toMatch(/^late abab.*\n3 rows from 1970-01-01 00:00:00 until .*\nof orders v1\n/)
  expect(out).toMatch(/size +float64 +feature +1 +≈ 2\n/)
  expect((await cli('show', digest)).out).toBe(out)
})

it('takes the newest one whose content is still there', async () => {
  expect((await cli('show', 'pruned')).out).toBe((await cli('show', digest)).out)
})

it('saves the rows whole or not at all', async () => {
  expect((await cli('download', 'late')).out).toMatch(/late\.parquet: 3 rows of late abababababab, 4 B\n$/)
  expect(await readFile(join(folder, 'late.parquet'), 'utf8')).toBe('PAR1')
  expect((await cli('download', digest, '--format', 'arrow')).code).toBe(1)
  expect(await readdir(folder)).toEqual(['late.parquet'])
})

it.each([
  [['show', 'none'], 1, 'There is no training set "none"'],
  [['show', '0'.repeat(64)], 1, digest],
  [['download', 'late', '--format', 'csv'], 2, '--format takes parquet or arrow, got "csv"'],
  [['ls', '--limit', 'all'], 2, '--limit takes a number from 1 to 1000, got "all"'],
])('%j is refused', async (args, code, message) => {
  const found = await cli(...args)
  expect(found).toMatchObject({ code, out: '', err: expect.stringContaining(message) })
})

it('tells of members and of what looks like leakage', async () => {
  const { out } = await cli('show', 'late')
  expect(out).toContain('train: 1 rows cdcdcdcdcdcd\ntest: 1 rows abababababab\n1 rows in gaps\n')
  expect(out).toContain('leakage? "size" is like an id\noutside of its range: 2 of size\n')
})

it('saves a member', async () => {
  const { code, out } = await cli('download', 'late', '--member', 'test')
  expect([code, out]).toEqual([0, expect.stringContaining(join(folder, 'late-test.parquet'))])
  const { err } = await cli('download', 'late', '--member', 'validation')
  expect(err).toContain('has no member "validation": it has train, test')
})
