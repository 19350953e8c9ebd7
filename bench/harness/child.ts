import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

const stderrKept = 4000

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
  stop(): Promise<void>
}

/** Starts a server that prints `ready <url>` once it answers. */
export async function startServerChild(command: string, args: readonly string[]): Promise<RunningServer> {
  const child = start(command, args)
  const errors = tail(child)
  const closed = once(child, 'close')
  const ready = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('ready ')) resolve(line.slice('ready '.length))
    })
    closed.then(() => reject(new Error(`${[command, ...args].join(' ')} ended: ${errors()}`)), reject)
  })
  return {
    url: await ready,
    stop: async () => {
      stop(child, 'SIGTERM')
      await closed
    },
  }
}

function start(command: string, args: readonly string[]) {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const stopIt = () => stop(child, 'SIGKILL')
  process.once('exit', stopIt)
  child.once('close', () => process.off('exit', stopIt))
  return child
}

/** The whole process group: pools of workers must not outlive a run. */
function stop(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  process.kill(-child.pid, signal)
}

function tail(child: ReturnType<typeof start>): () => string {
  let text = ''
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    text = (text + piece).slice(-stderrKept)
  })
  return () => text.trim()
}
