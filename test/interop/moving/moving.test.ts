import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { environment, millrace, type Server, startServer } from '../../e2e/support/millrace.ts'
import { freePort } from '../../e2e/support/ports.ts'

const python = process.env.MILLRACE_INTEROP_PYTHON
if (!python) throw new Error('MLflow is not installed for this suite: start it with "npm run test:interop"')

let folder: string
const servers: { stop(): Promise<unknown> }[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-moving-'))
})
afterAll(async () => {
  for (const server of servers) await server.stop()
  await rm(folder, { recursive: true, force: true })
})

const surroundings = {
  MLFLOW_ALLOW_FILE_STORE: 'true',
  MLFLOW_DISABLE_TELEMETRY: 'true',
  MLFLOW_HTTP_REQUEST_MAX_RETRIES: '0',
  PYTHONWARNINGS: 'ignore',
}

/** Runs Python; resolves with what it printed. */
async function runPython(args: readonly string[], cwd = folder): Promise<string> {
  const env = { ...environment(), ...surroundings }
  const child = spawn(python ?? '', args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = once(child, 'exit')
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  const [code] = await exited
  if (code !== 0) throw new Error(`python ${args.join(' ')} ended with ${code}: ${err.slice(-3000)}`)
  return out
}

const fill = async (uri: string, cwd: string) => {
  await mkdir(cwd, { recursive: true })
  await runPython([join(import.meta.dirname, 'fill_store.py'), uri, '--sklearn'], cwd)
}
const snapshot = async (uri: string) =>
  JSON.parse(await runPython([join(import.meta.dirname, 'snapshot.py'), uri])) as unknown

async function startMillrace(name: string): Promise<Server> {
  const server = await startServer({ cwd: folder, env: { MILLRACE_DIR: join(folder, name) } })
  servers.push(server)
  return server
}

/** `mlflow server` that keeps proxied artifacts. */
async function startMlflow(database: string): Promise<string> {
  const port = await freePort()
  const args = ['server', '--port', String(port), '--workers', '1', '--backend-store-uri', database]
  const artifacts = ['--artifacts-destination', join(folder, 'served-artifacts')]
  const child: ChildProcess = spawn(python ?? '', ['-m', 'mlflow', ...args, ...artifacts], {
    cwd: folder,
    env: { ...environment(), ...surroundings },
    stdio: 'ignore',
    // The group is ended as one: the server has processes of its own.
    detached: true,
  })
  const exited = once(child, 'exit')
  servers.push({
    stop: () => {
      process.kill(-(child.pid ?? 0), 'SIGTERM')
      return exited
    },
  })
  const url = `http://127.0.0.1:${port}`
  const isUp = () =>
    fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    )
  await expect.poll(isUp, { timeout: 60_000, interval: 200 }).toBe(true)
  return url
}

interface Report {
  counts: { what: string; found: number; verified: number; written: number }[]
  differences: unknown[]
}

async function move(args: readonly string[], server: Server): Promise<Report> {
  const { code, out, err } = await millrace([...args, '--url', server.url, '--json'], { cwd: folder })
  expect(err).toBe('')
  const report = JSON.parse(out) as Report
  expect(report.differences).toEqual([])
  expect(code).toBe(0)
  for (const { found, verified } of report.counts) expect(verified).toBe(found)
  return report
}

/** Things that were written, but for entries, which are not counted one by one. */
const written = ({ counts }: Report) => counts.reduce((sum, count) => sum + count.written, 0)

describe('moving in and out', () => {
  it('carries everything from a database and back into one that MLflow opens', async () => {
    const uri = `sqlite:///${join(folder, 'database/mlflow.db')}`
    await fill(uri, join(folder, 'database'))
    const before = await snapshot(uri)
    const server = await startMillrace('from-database')
    await move(['import', 'mlflow', uri], server)
    expect(await snapshot(server.url)).toEqual(before)
    expect(written(await move(['import', 'mlflow', uri], server))).toBe(0)

    const moved = `sqlite:///${join(folder, 'moved.db')}`
    await runPython(['-m', 'mlflow', 'db', 'upgrade', moved])
    await move(['export', 'mlflow', moved, '--artifacts', 'moved-artifacts'], server)
    expect(await snapshot(moved)).toEqual(before)
    const again = await move(['export', 'mlflow', moved, '--artifacts', 'moved-artifacts'], server)
    expect(written(again)).toBe(0)
  })

  it('carries everything from a file store', async () => {
    const uri = `file://${join(folder, 'files/mlruns')}`
    await fill(uri, join(folder, 'files'))
    const server = await startMillrace('from-files')
    await move(['import', 'mlflow', join(folder, 'files/mlruns')], server)
    expect(await snapshot(server.url)).toEqual(await snapshot(uri))
  })

  it('carries everything from a server', async () => {
    const url = await startMlflow(`sqlite:///${join(folder, 'served.db')}`)
    await fill(url, join(folder, 'client'))
    const server = await startMillrace('from-server')
    await move(['import', 'mlflow', url], server)
    expect(await snapshot(server.url)).toEqual(await snapshot(url))
  })
})
