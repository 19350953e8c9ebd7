import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createLineSplitter } from '../../kernel/bounded-lines.ts'
import { type FromTask, markOf, type ToTask } from './local-process-protocol.ts'
import { signalGroup } from './process-group.ts'

export interface ProcessExit {
  code: number | null
  signal: string | null
  spawnError?: Error
}

/** The task that a process runs now. */
export interface Occupant {
  onMessage(message: Exclude<FromTask, { type: 'idle' }>): void
  /** A line of the output of the task. */
  onLine(line: string): void
  /** The task is over, its output is delivered, and the process waits for another one. */
  onIdle(): void
  /** The process is gone, and its output delivered. */
  onExit(exit: ProcessExit): void
}

/** A process that runs tasks, one after the other. */
export interface TaskProcess {
  /** Undefined if it could not be started; then `onExit` follows. */
  readonly pid: number | undefined
  readonly nonce: string
  /** Tasks that it was given. */
  readonly tasks: number
  /** False once it is on its way out. */
  readonly alive: boolean
  occupy(occupant: Occupant): void
  run(task: Omit<ToTask, 'type' | 'endOfOutput'>, mayBeUsedAgain: boolean): void
  signal(signal: 'SIGTERM' | 'SIGKILL'): void
}

/**
 * Starts a process in a group of its own.
 * @param onVacantExit Called when it ends while it has no occupant.
 * @throws what `fork` throws for a file that cannot be run.
 */
export function createTaskProcess(options: {
  entry: string
  env: Record<string, string>
  memoryMb?: number
  graceMs: number
  onVacantExit(): void
}): TaskProcess {
  const nonce = randomBytes(16).toString('hex')
  const endOfOutput = `--- ${nonce} ---`
  const child = fork(options.entry, [markOf(nonce)], {
    detached: true,
    env: options.env,
    execArgv: [
      '--disable-warning=ExperimentalWarning',
      ...(options.memoryMb ? [`--max-old-space-size=${options.memoryMb}`] : []),
    ],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc', 'pipe'],
  })
  let occupant: Occupant | undefined
  let tasks = 0
  // What has to come before the process is free: its word, and the end of the task's output on both streams.
  let awaited = 0
  let over = false

  function arrived() {
    awaited--
    if (awaited > 0 || !occupant) return
    const freed = occupant
    occupant = undefined
    freed.onIdle()
  }
  function conclude(exit: ProcessExit) {
    if (over) return
    over = true
    if (occupant) occupant.onExit(exit)
    else options.onVacantExit()
  }

  child.on('message', (message: FromTask) => {
    if (message.type === 'idle') arrived()
    else occupant?.onMessage(message)
  })
  for (const stream of [child.stdout, child.stderr]) {
    const lines = createOutputReader({
      endOfOutput,
      onLine: (line) => occupant?.onLine(line),
      onEnd: arrived,
    })
    stream?.setEncoding('utf8')
    stream?.on('data', (chunk: string) => lines.push(chunk))
    stream?.on('end', () => lines.end())
  }
  child.on('error', (error) => {
    // Also emitted for a failed send or signal of a live child; only a child that never started has no pid.
    if (child.pid === undefined) conclude({ code: null, signal: null, spawnError: error })
  })
  child.on('exit', (code, signal) => {
    // What the task itself has started goes with it, and with that the last writers of its output.
    signalGroup(child, 'SIGKILL')
    child.on('close', () => conclude({ code, signal }))
    // A descendant that left the group may hold the output open.
    setTimeout(() => conclude({ code, signal }), options.graceMs).unref()
  })

  return {
    pid: child.pid,
    nonce,
    get tasks() {
      return tasks
    },
    get alive() {
      return isAlive(child)
    },
    occupy(given) {
      occupant = given
      awaited = 3
      tasks++
    },
    run(task, mayBeUsedAgain) {
      const message: ToTask = { type: 'run', ...task, ...(mayBeUsedAgain && { endOfOutput }) }
      // A failed send means that the process is going, which `exit` tells.
      if (child.connected) child.send(message, () => {})
    },
    signal: (signal) => signalGroup(child, signal),
  }
}

function isAlive(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null && child.connected
}

/**
 * Reads the output of a process that prints a line `endOfOutput` after each task, preceded by a line end that the task may
 * not have written.
 */
function createOutputReader(options: {
  endOfOutput: string
  onLine(line: string): void
  onEnd(): void
}): ReturnType<typeof createLineSplitter> {
  let emptyLine = false
  return createLineSplitter((line) => {
    if (line === options.endOfOutput) {
      emptyLine = false
      options.onEnd()
      return
    }
    if (emptyLine) options.onLine('')
    emptyLine = line === ''
    if (!emptyLine) options.onLine(line)
  })
}
