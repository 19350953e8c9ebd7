import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestTerminal } from '../../testing/terminal.ts'
import { runCli } from '../run-cli.ts'

const answer = {
  project: 'rides',
  applied: true,
  changes: [
    { action: 'create', kind: 'feature-view', name: 'trips', destructive: false },
    { action: 'unchanged', kind: 'entity', name: 'driver', destructive: false },
  ],
  services: [
    { name: 'rides', trains: true },
    { name: 'rates', trains: false },
  ],
  leftOut: [{ kind: 'feature', name: 'driver_stats:tags', reason: 'it is a list or a set' }],
}
const asked: unknown[] = []
const server = createServer(async (request, response) => {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part)
  asked.push([request.method, request.url, request.headers['content-type'], Buffer.concat(parts).toString()])
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(answer))
})
let cwd: string
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'millrace-import-feast-'))
  await writeFile(join(cwd, 'registry.db'), 'bytes')
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  server.close()
  await rm(cwd, { recursive: true })
})

async function importFeast(...args: string[]) {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { terminal, written } = createTestTerminal({ env: { MILLRACE_URL: url }, cwd })
  const code = await runCli(['import', 'feast', ...args], terminal, { stop: () => Promise.resolve() })
  return { code, ...written }
}

test('sends the file and tells what came in and what did not', async () => {
  const { code, out } = await importFeast('registry.db', '--project', 'rides', '--dry-run')
  expect(asked).toEqual([
    [
      'POST',
      '/v1/imports/feast?project=rides&dryRun=true&allowDestroy=false',
      'application/octet-stream',
      'bytes',
    ],
  ])
  expect([code, out]).toEqual([
    0,
    `+ feature-view trips
Applied: 1 new, 0 changed, 0 removed, 1 unchanged.
Feature services of rides:
  rides
  rates  (through Feast's wire; training sets cannot use it)
Left out:
  feature driver_stats:tags: it is a list or a set
`,
  ])
})

test('a file that is not there is a mistake of usage', async () => {
  const { code, err } = await importFeast('none.db')
  expect([code, err]).toEqual([2, expect.stringContaining('none.db cannot be read: there is no such file')])
})
