import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Logger } from '../../kernel/logger.ts'
import type { Executor, Task, TaskListener, TaskOutcome } from '../../ports/executor.ts'
import { createLineBudget, createLineSplitter } from './bounded-lines.ts'
import { type FromTask, markOf, type ToTask } from './local-process-protocol.ts'
import { endMarkedProcess, signalGroup } from './process-group.ts'
import { outcomeOfExit } from './task-outcome.ts'

export interface LocalProcessOptions {
  /** File of the module that a task process runs; it calls `serveTask`. */
  entry: string
  logger: Logger
  /** The whole environment of task processes. */
  env: Record<string, string>
  /** Between asking a task to end and killing it. Default 5 s. */
  graceMs?: number
  /** Where the tasks' temporary folders are made. Default: the system's. */
  tempRoot?: string
  /** Folder that only we can write, for compiled code: task processes start a third faster. */
  compileCacheDir?: string
}

/** Tasks as child processes of this one, each in a process group of its own, on the machine we run on. */
export function createLocalProcessExecutor(options: LocalProcessOptions): Executor {
  const { logger, graceMs = 5000, tempRoot = tmpdir() } = options
  const running = new Map<string, { cancel(): void; ended: Promise<void> }>()
  let closed = false
  const tempDirOf = (nonce: string) => join(tempRoot, `millrace-task-${nonce}`)

  function trySpawn(task: Task, nonce: string): ChildProcess | Error {
    try {
      return spawn(task, nonce)
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error))
    }
  }

  function spawn(task: Task, nonce: string): ChildProcess {
    return fork(options.entry, [markOf(nonce)], {
      detached: true,
      env: {
        ...(options.compileCacheDir && { NODE_COMPILE_CACHE: options.compileCacheDir }),
        ...options.env,
        ...task.env,
      },
      execArgv: [
        '--disable-warning=ExperimentalWarning',
        ...(task.memoryMb ? [`--max-old-space-size=${task.memoryMb}`] : []),
      ],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc', 'pipe'],
    })
  }

  function start(task: Task, listener: TaskListener) {
    const nonce = randomBytes(16).toString('hex')
    const { promise: ended, resolve: markEnded } = Promise.withResolvers<void>()
    const onLine = createLineBudget((line) => guarded(() => listener.onLog(line)))
    let reported: TaskOutcome | undefined
    let ending: 'cancelled' | 'timed-out' | undefined
    let outOfMemory = false
    let killTimer: NodeJS.Timeout | undefined

    function guarded(work: () => void) {
      try {
        work()
      } catch (error) {
        logger.error({ err: error, task: task.id }, 'a task listener failed')
      }
    }
    function finish(outcome: TaskOutcome) {
      void rm(tempDirOf(nonce), { recursive: true, force: true })
        .catch((error) => logger.warn({ err: error, task: task.id }, 'cannot remove a temporary folder'))
        .then(() => {
          running.delete(nonce)
          guarded(() => listener.onExit(outcome))
          markEnded()
        })
    }

    if (closed) {
      setImmediate(finish, { state: 'cancelled' })
      return { cancel() {} }
    }
    const child = trySpawn(task, nonce)
    if (child instanceof Error) {
      const outcome = outcomeOfExit({ task, code: null, signal: null, spawnError: child, outOfMemory: false })
      setImmediate(finish, outcome)
      return { cancel() {} }
    }
    const end = (how: 'cancelled' | 'timed-out') => {
      if (ending || child.exitCode !== null || child.signalCode !== null) return
      ending = how
      signalGroup(child, 'SIGTERM')
      killTimer = setTimeout(() => signalGroup(child, 'SIGKILL'), graceMs)
    }
    const timeout = setTimeout(end, Math.min(task.timeoutMs, 2 ** 31 - 1), 'timed-out')
    running.set(nonce, { cancel: () => end('cancelled'), ended })

    child.on('message', (message: FromTask) => {
      if (message.type === 'progress') guarded(() => listener.onProgress(message.progress))
      else if (message.type === 'log') for (const line of message.line.split('\n')) onLine(line)
      else if (message.type === 'result') reported ??= { state: 'succeeded', result: message.result }
      else reported ??= { state: 'failed', error: message.error }
    })
    for (const stream of [child.stdout, child.stderr]) {
      const lines = createLineSplitter((line) => {
        outOfMemory ||= line.includes('JavaScript heap out of memory')
        onLine(line)
      })
      stream?.setEncoding('utf8')
      stream?.on('data', (chunk: string) => lines.push(chunk))
      stream?.on('end', () => lines.end())
    }

    let over = false
    const conclude = (exit: { code: number | null; signal: string | null; spawnError?: Error }) => {
      if (over) return
      over = true
      clearTimeout(timeout)
      clearTimeout(killTimer)
      finish(outcomeOfExit({ ...exit, reported, ending, outOfMemory, task }))
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
      setTimeout(() => conclude({ code, signal }), graceMs).unref()
    })

    if (child.pid !== undefined) {
      listener.onStart(`${child.pid}:${nonce}`).then(
        () => {
          const message: ToTask = { type: 'run', payload: task.payload, tempDir: tempDirOf(nonce) }
          if (child.connected && !ending) child.send(message, () => {})
        },
        (error) => {
          logger.error({ err: error, task: task.id }, 'a task could not be recorded and is not run')
          signalGroup(child, 'SIGKILL')
        },
      )
    }
    return { cancel: () => end('cancelled') }
  }

  return {
    start,
    async reap(reference) {
      const [pid, nonce] = reference.split(':')
      if (!nonce || !/^\d+$/.test(pid ?? '') || !/^[a-f0-9]{32}$/.test(nonce)) {
        throw new TypeError(`"${reference}" is no reference of a local process`)
      }
      await endMarkedProcess(Number(pid), markOf(nonce))
      await running.get(nonce)?.ended
      await rm(tempDirOf(nonce), { recursive: true, force: true })
    },
    async close() {
      closed = true
      const tasks = [...running.values()]
      for (const task of tasks) task.cancel()
      await Promise.all(tasks.map((task) => task.ended))
    },
  }
}
