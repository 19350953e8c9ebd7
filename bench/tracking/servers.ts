import { mkdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { getFromChild, type RunningServer, startSilentServerChild } from '../harness/child.ts'
import { processorSecondsOfTree } from '../harness/process-tree.ts'

export type StartedServer = RunningServer & { startMs: number }

export const contenders = ['ours', 'peer'] as const
export type Contender = (typeof contenders)[number]

const millrace = join(import.meta.dirname, '..', '..', 'packages', 'millrace', 'bin', 'millrace.js')
/** Answered from the database on both sides, by a fresh server too. */
const firstAnswer = '/api/2.0/mlflow/experiments/get?experiment_id=0'
/** A tree that uses less than this share of a core is at rest: MLflow's job runner never is entirely. */
const restShare = 0.25
const restMs = 1000
const longestUnrestMs = 30_000

/** A server as `millrace up` starts it, with its state in `folder`. */
export async function startOurs(folder: string): Promise<StartedServer> {
  const port = await freePort()
  return startSilentServerChild(
    process.execPath,
    [millrace, 'up', '--dir', join(folder, '.millrace'), '--port', `${port}`],
    { url: `http://127.0.0.1:${port}`, path: firstAnswer },
  )
}

/** MLflow's server with its own defaults: SQLite, four workers, artifacts through the server; no telemetry. */
export async function startPeer(python: string, folder: string): Promise<StartedServer> {
  const port = await freePort()
  await mkdir(folder, { recursive: true })
  const destination = join(folder, 'artifacts')
  return startSilentServerChild(
    python,
    [
      ...['-m', 'mlflow', 'server', '--port', `${port}`],
      ...['--backend-store-uri', databaseUri(folder), '--artifacts-destination', destination],
    ],
    {
      url: `http://127.0.0.1:${port}`,
      path: firstAnswer,
      env: { MLFLOW_DISABLE_TELEMETRY: 'true', DO_NOT_TRACK: 'true' },
    },
  )
}

/** Makes the tables of MLflow's database in `folder`, as its operators do. Returns the path of the file. */
export async function createPeerDatabase(python: string, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  await getFromChild(python, ['-m', 'mlflow', 'db', 'upgrade', databaseUri(folder)])
  return databasePath(folder)
}

/** Runs `work` with both servers on fresh folders and at rest, then stops them and removes what they kept. */
export async function withServers(
  { python, workDir, prepare }: ServersOptions,
  work: (servers: Record<Contender, StartedServer>) => Promise<void>,
): Promise<void> {
  const folder = join(workDir, 'state')
  const folders = { ours: join(folder, 'ours'), peer: join(folder, 'peer') }
  await rm(folder, { recursive: true, force: true })
  await mkdir(folders.ours, { recursive: true })
  await mkdir(folders.peer, { recursive: true })
  await prepare?.(folders)
  const started: StartedServer[] = []
  try {
    const ours = await startOurs(folders.ours)
    started.push(ours)
    const peer = await startPeer(python, folders.peer)
    started.push(peer)
    await Promise.all(started.map(({ pid }) => comeToRest(pid)))
    await work({ ours, peer })
  } finally {
    await Promise.all(started.map((server) => server.stop()))
    await rm(folder, { recursive: true, force: true })
  }
}

/** Runs `work` on one of the servers while the other one is suspended: MLflow's uses the processor even when idle. */
export async function alone<Result>(
  servers: Record<Contender, StartedServer>,
  contender: Contender,
  work: (server: StartedServer) => Promise<Result>,
): Promise<Result> {
  const other = servers[contender === 'ours' ? 'peer' : 'ours']
  process.kill(-other.pid, 'SIGSTOP')
  try {
    return await work(servers[contender])
  } finally {
    process.kill(-other.pid, 'SIGCONT')
  }
}

export interface ServersOptions {
  python: string
  workDir: string
  /** Fills the folders before the servers start. */
  prepare?: (folders: Record<Contender, string>) => Promise<void>
}

/** Until all workers have started and nothing is left to do. */
export async function comeToRest(pid: number): Promise<void> {
  const end = performance.now() + longestUnrestMs
  let before = await processorSecondsOfTree(pid)
  while (performance.now() < end) {
    await sleep(restMs)
    const now = await processorSecondsOfTree(pid)
    if ((now - before) * 1000 < restShare * restMs) return
    before = now
  }
}

function databasePath(folder: string): string {
  return join(folder, 'mlflow.db')
}

function databaseUri(folder: string): string {
  return `sqlite:///${databasePath(folder)}`
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has a port')
  return address.port
}
