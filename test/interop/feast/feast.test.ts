import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { environment, millrace, type Server, startServer } from '../../e2e/support/millrace.ts'

const python = process.env.MILLRACE_INTEROP_FEAST
if (!python) throw new Error('Feast is not installed for this suite: start it with "npm run test:interop"')

let repo: string
let server: Server
/** Runs Python; resolves with what it said if it failed. */
async function run(args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const child = spawn(python ?? '', ['-W', 'ignore', ...args], {
    cwd: import.meta.dirname,
    env: environment({ FEAST_USAGE: 'False', PYTHONDONTWRITEBYTECODE: '1', ...env }),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit')
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  const [code] = await exited
  return code === 0 ? '' : out + err
}

beforeAll(async () => {
  repo = await mkdtemp(join(tmpdir(), 'millrace-feast-'))
  expect(await run(['-c', 'import sys, store; store.apply(sys.argv[1])', repo])).toBe('')
  server = await startServer({ cwd: repo })
  // Feast alone needs many seconds to load.
}, 180_000)
afterAll(async () => {
  await server.stop()
  await rm(repo, { recursive: true, force: true })
})

it("takes in a registry and serves Feast's client", async () => {
  const env = { MILLRACE_URL: server.url }
  const imported = await millrace(['import', 'feast', 'registry.db', '--json'], { cwd: repo, env })
  expect([imported.code, imported.err]).toEqual([0, ''])
  expect(JSON.parse(imported.out)).toMatchObject({ project: 'rides', applied: true })
  expect(await run(['client.py', repo], { FEAST_URL: `${server.url}/feast` })).toBe('')
})

it("wants Feast's client to show the token, if there is one", async () => {
  const token = 'a token of the suite'
  const env = { MILLRACE_DIR: join(repo, 'guarded'), MILLRACE_TOKEN: token }
  const guarded = await startServer({ cwd: repo, env })
  try {
    const FEAST_URL = `${guarded.url}/feast`
    expect(await run(['auth.py', repo], { FEAST_URL, MILLRACE_TOKEN: token })).toBe('')
  } finally {
    await guarded.stop()
  }
})

it('materializes the files of the repository itself', async () => {
  const call = async (path: string, body: object) => {
    const response = await fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    return [response.status, await response.json()]
  }
  const times = { start_ts: '2026-01-01T00:00:00', end_ts: new Date().toISOString() }
  expect(await call('/materialize', { ...times, feature_views: ['driver_stats'] })).toEqual([200, null])
  const asked = { entities: { driver_id: [1002] }, features: ['driver_stats:avg_daily_trips'] }
  const answer = await call('/feast/exact/get-online-features', asked)
  expect(answer).toMatchObject([200, { metadata: { feature_names: ['driver_id', 'avg_daily_trips'] } }])
})
