import { mkdir } from 'node:fs/promises'
import { setImmediate as turn } from 'node:timers/promises'
import { getHeapStatistics } from 'node:v8'
import { Worker } from 'node:worker_threads'
import { isPlatformError } from '@millrace/protocol'
import type { TaskContext, TaskError } from '../../ports/executor.ts'
import type { FromTask, ToTask } from './local-process-protocol.ts'

type Environment = Readonly<Record<string, string | undefined>>
type RunTask = (payload: unknown, context: TaskContext) => Promise<unknown>

/**
 * The child's side of the local-process executor; the whole content of an entry module. Takes a task from the parent,
 * runs it, and reports its result (JSON) or error. Then it exits, or, if the parent may use it again and the task has left
 * nothing behind, waits for the next one.
 * @param environment The variables of this process.
 */
export function serveTask(run: RunTask, environment: Environment): void {
  if (!process.send) throw new TypeError('serveTask works only in a process that an executor has started')
  const watchdog = new Worker(new URL('./local-process-watchdog.ts', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: 16 },
  })
  watchdog.unref()
  let cancelled: AbortController | undefined
  process.on('SIGTERM', () => {
    if (!cancelled) process.exit(0)
    cancelled.abort(new Error('the task was cancelled'))
  })
  // Not a mere exit: what the task has started must go as well.
  process.on('disconnect', () => process.kill(-process.pid, 'SIGKILL'))
  // Requests are those of modules that are still being loaded: no task begins with one.
  const before = {
    ...surroundings(environment),
    open: openResources().filter((kind) => !kind.includes('Req')),
  }
  process.on('message', (message: ToTask) => {
    cancelled = new AbortController()
    void serve(message, cancelled.signal)
  })

  async function serve(message: ToTask, signal: AbortSignal) {
    const last = await runTask(message, run, signal)
    const end = message.endOfOutput === undefined ? '' : `\n${message.endOfOutput}\n`
    await Promise.all([written(process.stdout, end), written(process.stderr, end)])
    // What the task has closed is gone after a turn or two.
    for (let turns = 0; turns < 3; turns++) await turn()
    const reusable = end !== '' && !signal.aborted && isAsBefore(before, environment)
    if (!reusable) return send(last, () => process.exit(0))
    send(last, () => {
      cancelled = undefined
      send({ type: 'idle' })
    })
  }
}

/** What a task can change for the one after it. */
function surroundings(environment: Environment) {
  return { directory: process.cwd(), environment: JSON.stringify(environment) }
}

/** The kinds of the resources that keep a process alive: timers, sockets, children, requests. */
function openResources(): string[] {
  return process.getActiveResourcesInfo().sort()
}

function isAsBefore(
  before: ReturnType<typeof surroundings> & { open: string[] },
  variables: Environment,
): boolean {
  const { directory, environment } = surroundings(variables)
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics()
  return (
    directory === before.directory &&
    environment === before.environment &&
    openResources().join() === before.open.join() &&
    used < limit / 2
  )
}

async function runTask(message: ToTask, run: RunTask, signal: AbortSignal): Promise<FromTask> {
  // What a task has left running without keeping the process alive must not speak for the next one.
  let over = false
  const say = (said: FromTask) => {
    if (!over) send(said)
  }
  try {
    await mkdir(message.tempDir, { recursive: true })
    const result = await run(message.payload, {
      signal,
      tempDir: message.tempDir,
      progress: (progress) => say({ type: 'progress', progress }),
      log: (line) => say({ type: 'log', line }),
    })
    return { type: 'result', result }
  } catch (error) {
    return { type: 'error', error: describe(error) }
  } finally {
    over = true
  }
}

/** Resolves when all that was printed so far, and the text, has left this process: exit would drop the rest. */
function written(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve) => stream.write(text, () => resolve()))
}

function send(message: FromTask, done?: () => void) {
  // A failed send means that the parent is gone; the watchdog ends this process.
  process.send?.(message, undefined, undefined, () => done?.())
}

/** Errors of the catalogue say themselves whether trying again can help; of others nobody knows, so it may. */
function describe(error: unknown): TaskError {
  if (isPlatformError(error)) return { code: error.code, message: error.message, retryable: error.retryable }
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof Error && error.stack) process.stderr.write(`${error.stack}\n`)
  return { code: 'step.failed', message, retryable: true }
}
