import { mkdir } from 'node:fs/promises'
import { Worker } from 'node:worker_threads'
import { isPlatformError } from '@millrace/protocol'
import type { TaskContext, TaskError } from '../../ports/executor.ts'
import type { FromTask, ToTask } from './local-process-protocol.ts'

/**
 * The child's side of the local-process executor; the whole content of an entry module. Takes one task from the
 * parent, runs it, reports its result (JSON) or error and exits.
 */
export function serveTask(run: (payload: unknown, context: TaskContext) => Promise<unknown>): void {
  if (!process.send) throw new TypeError('serveTask works only in a process that an executor has started')
  const watchdog = new Worker(new URL('./local-process-watchdog.ts', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: 16 },
  })
  watchdog.unref()
  const cancelled = new AbortController()
  process.on('SIGTERM', () => cancelled.abort(new Error('the task was cancelled')))
  // Not a mere exit: what the task has started must go as well.
  process.on('disconnect', () => process.kill(-process.pid, 'SIGKILL'))
  process.once('message', (message: ToTask) => {
    void runTask(message, run, cancelled.signal).then(async (last) => {
      await Promise.all([written(process.stdout), written(process.stderr)])
      send(last, () => process.exit(0))
    })
  })
}

async function runTask(
  message: ToTask,
  run: (payload: unknown, context: TaskContext) => Promise<unknown>,
  signal: AbortSignal,
): Promise<FromTask> {
  try {
    await mkdir(message.tempDir, { recursive: true })
    const result = await run(message.payload, {
      signal,
      tempDir: message.tempDir,
      progress: (progress) => send({ type: 'progress', progress }),
      log: (line) => send({ type: 'log', line }),
    })
    return { type: 'result', result }
  } catch (error) {
    return { type: 'error', error: describe(error) }
  }
}

/** Resolves when all that was printed so far has left this process: exit would drop the rest. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()))
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
