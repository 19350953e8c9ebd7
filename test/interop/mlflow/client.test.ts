import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { environment, type Server, startServer } from '../../e2e/support/millrace.ts'

const python = process.env.MILLRACE_INTEROP_PYTHON
if (!python) throw new Error('MLflow is not installed for this suite: start it with "npm run test:interop"')
const scripts = join(import.meta.dirname, 'scripts')
const token = 'a token of the suite'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-interop-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Runs a script of MLflow's client against the server; resolves with what it said and its exit code. */
async function run(server: Server, script: string, args: readonly string[] = []) {
  const command = script.endsWith('.py') ? (python ?? '') : 'bash'
  const child = spawn(command, [join(scripts, script), ...args], {
    cwd: folder,
    env: {
      ...environment(),
      PATH: dirname(python ?? '') + delimiter + process.env.PATH,
      MLFLOW_TRACKING_URI: server.url,
      MLFLOW_DISABLE_TELEMETRY: 'true',
      // A mistake that is answered as a fault of the server would be tried for minutes.
      MLFLOW_HTTP_REQUEST_MAX_RETRIES: '0',
      PYTHONWARNINGS: 'ignore',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit')
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  const [code] = await exited
  return { code, said: code === 0 ? '' : out + err }
}

describe("MLflow's client", () => {
  let server: Server
  beforeAll(async () => {
    const cwd = join(folder, 'open')
    server = await startServer({ cwd: folder, env: { MILLRACE_DIR: cwd } })
  })
  afterAll(() => server.stop())

  it.each([
    ['logs and searches runs', 'tracking.py'],
    ['stores and reads artifacts', 'artifacts.py'],
    ['stores and reads one of a gigabyte', 'large.py'],
    ['logs, registers and loads models', 'models.py'],
    ['keeps a registry', 'registry.py'],
    ['finds the wire as it is at home', 'wire.py'],
    ['works from the shell', 'command_line.sh'],
  ])('%s', async (_, script) => {
    expect(await run(server, script)).toEqual({ code: 0, said: '' })
  })
})

it("gives MLflow's client credentials of both kinds", async () => {
  const server = await startServer({
    cwd: folder,
    env: { MILLRACE_DIR: join(folder, 'guarded'), MILLRACE_TOKEN: token },
  })
  try {
    expect(await run(server, 'auth.py', [token])).toEqual({ code: 0, said: '' })
  } finally {
    await server.stop()
  }
})
