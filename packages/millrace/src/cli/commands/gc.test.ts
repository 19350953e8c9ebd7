import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createTestTerminal } from '../../testing/terminal.ts'
import { runCli } from '../run-cli.ts'

const report = {
  dryRun: false,
  complete: true,
  experiments: 0,
  runs: 2,
  loggedModels: 1,
  artifacts: { files: 3, bytes: 1500 },
  uploads: { uploads: 1, files: 2, bytes: 10 },
  orphans: { files: 0, bytes: 0 },
  fileSets: { files: 0, bytes: 0 },
  datasetVersions: 0,
  contents: { files: 0, bytes: 0 },
  kept: { runs: 1, loggedModels: 0 },
  onlineTables: { tables: 0, keys: 0, busy: 0 },
  outside: 0,
}

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

/** Runs the command against a server that gives these reports one after the other. */
async function gc(args: string[], reports: object[]) {
  const asked: unknown[] = []
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    asked.push([request.method, request.url, JSON.parse(Buffer.concat(parts).toString())])
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(reports[asked.length - 1]))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { terminal, written } = createTestTerminal({ env: { MILLRACE_URL: url }, cwd: '/' })
  const code = await runCli(['gc', ...args], terminal, { stop: () => Promise.resolve() })
  return { code, asked, ...written }
}

describe('millrace gc', () => {
  it('asks until all is done and tells the sum', async () => {
    const { code, out, asked } = await gc([], [{ ...report, complete: false }, report])
    const call = ['POST', '/v1/garbage-collections', { dryRun: false, olderThanMs: 30 * 86_400_000 }]
    expect(asked).toEqual([call, call])
    expect([code, out]).toEqual([
      0,
      'removed 0 experiments, 4 runs, 2 logged models with 6 files, 3.0 kB\n' +
        'removed 2 abandoned uploads (4 files, 20 B) and 0 files, 0 B that nothing refers to\n' +
        'kept 1 runs and 0 logged models that versions of models need\n',
    ])
  })

  it('tells what was left, and does not wait for it', async () => {
    const { out, asked } = await gc([], [{ ...report, onlineTables: { tables: 0, keys: 0, busy: 2 } }])
    expect(asked).toHaveLength(1)
    expect(out).toContain(
      'left 2 versions of feature views that are written at the moment: run it again later\n',
    )
  })

  it('only counts in a dry run, and prints JSON', async () => {
    const dry = { ...report, dryRun: true }
    const { out, asked } = await gc(['--dry-run', '--older-than', '12h'], [dry])
    expect(asked).toEqual([['POST', '/v1/garbage-collections', { dryRun: true, olderThanMs: 43_200_000 }]])
    expect(out).toMatch(/^would remove 0 experiments, 2 runs/)
    expect(JSON.parse((await gc(['--json', '--dry-run'], [dry])).out)).toEqual(dry)
  })

  it.each(['30', 'd', '-1d', '1.5d', '1y'])('refuses the age %s', async (age) => {
    const { code, err, asked } = await gc([`--older-than=${age}`], [])
    expect(code).toBe(2)
    expect(err).toContain(`--older-than takes a time such as 12h or 30d, got "${age}"`)
    expect(asked).toEqual([])
  })
})
