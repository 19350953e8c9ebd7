import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLineBudget } from '../../kernel/bounded-lines.ts'
import type { Logger } from '../../kernel/logger.ts'
import type { Executor, Task, TaskListener, TaskOutcome } from '../../ports/executor.ts'
import { markOf } from './local-process-protocol.ts'
import { endMarkedProcess } from './process-group.ts'
import { createProcessPool } from './process-pool.ts'
import { outcomeOfExit } from './task-outcome.ts'
import { createTaskProcess, type ProcessExit, type TaskProcess } from './task-process.ts'

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
  /** How long a process waits for another task of the same `reuse`. Default 30 s. */
  idleMs?: number
}

/** Tasks as child processes of this one, each in a process group of its own, on the machine we run on. */
export function createLocalProcessExecutor(options: LocalProcessOptions): Executor {
  const { logger, graceMs = 5000, tempRoot = tmpdir(), idleMs = 30_000 } = options
  const running = new Map<string, { cancel(): void; ended: Promise<void> }>()
  const pool = createProcessPool({ idleMs })
  let closed = false
  const tempDirOf = (nonce: string, number: string | number | undefined) =>
    join(tempRoot, `millrace-task-${nonce}${number === undefined ? '' : `-${number}`}`)

  function tryObtain(task: Task, poolKey: string | undefined): TaskProcess | Error {
    const waiting = poolKey === undefined ? undefined : pool.take(poolKey)
    if (waiting) return waiting
    try {
      const spawned: TaskProcess = createTaskProcess({
        entry: options.entry,
        env: {
          ...(options.compileCacheDir && { NODE_COMPILE_CACHE: options.compileCacheDir }),
          ...options.env,
          ...task.env,
        },
        memoryMb: task.memoryMb,
        graceMs,
        onVacantExit: () => pool.drop(spawned),
      })
      return spawned
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error))
    }
  }

  function start(task: Task, listener: TaskListener) {
    const poolKey = poolKeyOf(task)
    const { promise: ended, resolve: markEnded } = Promise.withResolvers<void>()
    const onLine = createLineBudget((line) => guarded(() => listener.onLog(line)))
    let reported: TaskOutcome | undefined
    let ending: 'cancelled' | 'timed-out' | undefined
    let outOfMemory = false
    let killTimer: NodeJS.Timeout | undefined
    let finished = false

    function guarded(work: () => void) {
      try {
        work()
      } catch (error) {
        logger.error({ err: error, task: task.id }, 'a task listener failed')
      }
    }

    if (closed) {
      setImmediate(() => guarded(() => listener.onExit({ state: 'cancelled' })))
      return { cancel() {} }
    }
    const child = tryObtain(task, poolKey)
    if (child instanceof Error) {
      const outcome = outcomeOfExit({ task, code: null, signal: null, spawnError: child, outOfMemory: false })
      setImmediate(() => guarded(() => listener.onExit(outcome)))
      return { cancel() {} }
    }

    const end = (how: 'cancelled' | 'timed-out') => {
      if (ending || finished || !child.alive) return
      ending = how
      child.signal('SIGTERM')
      killTimer = setTimeout(() => child.signal('SIGKILL'), graceMs)
    }
    const timeout = setTimeout(end, Math.min(task.timeoutMs, 2 ** 31 - 1), 'timed-out')
    const finish = (exit: ProcessExit, release: () => void) => {
      finished = true
      clearTimeout(timeout)
      clearTimeout(killTimer)
      const outcome = outcomeOfExit({ ...exit, reported, ending, outOfMemory, task })
      void rm(tempDir, { recursive: true, force: true })
        .catch((error) => logger.warn({ err: error, task: task.id }, 'cannot remove a temporary folder'))
        .then(() => {
          running.delete(reference)
          release()
          guarded(() => listener.onExit(outcome))
          markEnded()
        })
    }
    child.occupy({
      onMessage(message) {
        if (message.type === 'progress') guarded(() => listener.onProgress(message.progress))
        else if (message.type === 'log') for (const line of message.line.split('\n')) onLine(line)
        else if (message.type === 'result') reported ??= { state: 'succeeded', result: message.result }
        else reported ??= { state: 'failed', error: message.error }
      },
      onLine(line) {
        outOfMemory ||= line.includes('JavaScript heap out of memory')
        onLine(line)
      },
      onIdle: () =>
        finish({ code: 0, signal: null }, () => {
          if (poolKey !== undefined && !closed && !ending) pool.put(poolKey, child)
          else child.signal('SIGKILL')
        }),
      onExit: (exit) => finish(exit, () => {}),
    })
    const reference = `${child.pid}:${child.tasks}:${child.nonce}`
    const tempDir = tempDirOf(child.nonce, child.tasks)
    running.set(reference, { cancel: () => end('cancelled'), ended })
    if (child.pid !== undefined) {
      listener.onStart(reference).then(
        () => {
          if (!ending) child.run({ payload: task.payload, tempDir }, poolKey !== undefined)
        },
        (error) => {
          logger.error({ err: error, task: task.id }, 'a task could not be recorded and is not run')
          child.signal('SIGKILL')
        },
      )
    }
    return { cancel: () => end('cancelled') }
  }

  return {
    start,
    async reap(reference) {
      // Without a number: of a time when a process had one task.
      const { pid, number, nonce } =
        /^(?<pid>\d+):(?:(?<number>\d+):)?(?<nonce>[a-f0-9]{32})$/.exec(reference)?.groups ?? {}
      if (pid === undefined || nonce === undefined) {
        throw new TypeError(`"${reference}" is no reference of a local process`)
      }
      // A process of ours that goes on with another task has ended this one.
      const isOurs = pool.has(nonce) || [...running.keys()].some((key) => key.endsWith(`:${nonce}`))
      if (!isOurs || running.has(reference)) await endMarkedProcess(Number(pid), markOf(nonce))
      await running.get(reference)?.ended
      await rm(tempDirOf(nonce, number), { recursive: true, force: true })
    },
    async close() {
      closed = true
      pool.close()
      const tasks = [...running.values()]
      for (const task of tasks) task.cancel()
      await Promise.all(tasks.map((task) => task.ended))
    },
  }
}

/** Equal for tasks that may follow one another in one process. */
function poolKeyOf({ reuse, memoryMb, env }: Task): string | undefined {
  return reuse === undefined ? undefined : JSON.stringify([reuse, memoryMb ?? null, env ?? {}])
}
