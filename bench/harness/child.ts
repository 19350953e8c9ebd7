import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

const stderrKept = 4000
const pollMs = 10
/** What a server may take to end by itself. */
const stopMs = 10_000

export interface ChildOptions {
  /** Default: no limit. */
  timeLimitMs?: number
}

/** `lastLine`: of the standard output. */
export type ChildOutcome =
  | { kind: 'done'; lastLine: string }
  | { kind: 'time-limit' }
  | { kind: 'failed'; message: string }

/** Runs a program to its end. Beyond the time limit it is killed with its children. */
export async function runChild(
  command: string,
  args: readonly string[],
  options: ChildOptions = {},
): Promise<ChildOutcome> {
  const child = start(command, args)
  const errors = tail(child)
  let lastLine = ''
  createInterface({ input: child.stdout }).on('line', (line) => {
    lastLine = line
  })
  let late = false
  const timer =
    options.timeLimitMs === undefined
      ? undefined
      : setTimeout(() => {
          late = true
          stop(child, 'SIGKILL')
        }, options.timeLimitMs)
  const [code, signal] = await once(child, 'close')
  clearTimeout(timer)
  if (late) return { kind: 'time-limit' }
  if (code === 0) return { kind: 'done', lastLine }
  return { kind: 'failed', message: `${code === null ? signal : `exit ${code}`}: ${errors()}` }
}

/**
 * Runs a program to its end; returns the last line of its output.
 * @throws Error with the program's last words if it fails
 */
export async function getFromChild(command: string, args: readonly string[]): Promise<string> {
  const outcome = await runChild(command, args)
  if (outcome.kind === 'done') return outcome.lastLine
  throw new Error(
    `${[command, ...args].join(' ')}: ${outcome.kind === 'failed' ? outcome.message : 'too late'}`,
  )
}

export interface RunningServer {
  url: string
  /** Of the program; its children have others. */
  pid: number
  stop(): Promise<void>
}

/** Starts a server that prints `ready <url>` once it answers. */
export async function startServerChild(command: string, args: readonly string[]): Promise<RunningServer> {
  const child = start(command, args)
  const server = serverOf(child, [command, ...args])
  const ready = new Promise<string>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('ready ')) resolve(line.slice('ready '.length))
    })
  })
  return { ...server, url: await Promise.race([ready, server.ended]) }
}

export interface SilentServerOptions {
  /** Where it will answer. */
  url: string
  /** Path that answers with 2xx once the server is ready. */
  path: string
  env?: Readonly<Record<string, string>>
}

/** Starts a server that says nothing when it is ready: asks it every 10 ms. `startMs`: until it answered. */
export async function startSilentServerChild(
  command: string,
  args: readonly string[],
  { url, path, env }: SilentServerOptions,
): Promise<RunningServer & { startMs: number }> {
  const begin = performance.now()
  const child = start(command, args, env)
  child.stdout.resume()
  const server = serverOf(child, [command, ...args])
  while (!(await answers(`${url}${path}`))) {
    await Promise.race([sleep(pollMs), server.ended])
  }
  return { ...server, url, startMs: performance.now() - begin }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url)
    await response.arrayBuffer()
    return response.ok
  } catch {
    return false
  }
}

/** `ended` rejects when the program ends, with its last words. */
function serverOf(child: ReturnType<typeof start>, commandLine: readonly string[]) {
  const errors = tail(child)
  let gone = false
  const closed = once(child, 'close')
  const ended = closed.then((): never => {
    gone = true
    throw new Error(`${commandLine.join(' ')} ended: ${errors()}`)
  })
  // Whoever waits for the start listens; afterwards nobody does.
  ended.catch(() => {})
  return {
    pid: child.pid ?? 0,
    ended,
    stop: async () => {
      if (gone) return
      stop(child, 'SIGTERM')
      const impatient = setTimeout(() => stop(child, 'SIGKILL'), stopMs)
      await closed
      clearTimeout(impatient)
    },
  }
}

function start(command: string, args: readonly string[], env?: Readonly<Record<string, string>>) {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: env && { ...process.env, ...env },
  })
  const stopIt = () => stop(child, 'SIGKILL')
  process.once('exit', stopIt)
  child.once('close', () => process.off('exit', stopIt))
  return child
}

/**
 * The whole process group: pools of workers must not outlive a run. Only before the child's `close`, which waits for
 * everyone who holds its output.
 */
function stop(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function tail(child: ReturnType<typeof start>): () => string {
  let text = ''
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    text = (text + piece).slice(-stderrKept)
  })
  return () => text.trim()
}
