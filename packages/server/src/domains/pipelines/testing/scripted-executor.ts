import { fail } from '@millrace/protocol'
import type { Executor, Task, TaskContext, TaskListener, TaskOutcome } from '../../../ports/executor.ts'
import { toTaskError } from '../settle.ts'

interface Running {
  end(outcome: TaskOutcome): void
}

/**
 * An executor whose tasks are functions in this process, so that a test decides when each one goes on. It keeps the
 * rules of the port but isolation. Tasks outlive the control plane that started them until they are reaped.
 */
export function createScriptedExecutor(
  run: (payload: unknown, context: TaskContext) => Promise<unknown>,
): Executor & { runningTasks(): string[] } {
  const running = new Map<string, Running & { id: string }>()
  let count = 0

  function start(task: Task, listener: TaskListener) {
    const reference = `task-${++count}`
    const cancelled = new AbortController()
    const end = (outcome: TaskOutcome) => {
      if (!running.delete(reference)) return
      cancelled.abort()
      listener.onExit(outcome)
    }
    running.set(reference, { id: task.id, end })
    const context: TaskContext = {
      signal: cancelled.signal,
      progress: listener.onProgress,
      log: listener.onLog,
      tempDir: '',
    }
    const work = async () => {
      await listener.onStart(reference)
      if (cancelled.signal.aborted) return undefined
      return run(JSON.parse(JSON.stringify(task.payload)), context)
    }
    work().then(
      (result) => end({ state: 'succeeded', result }),
      (error) => {
        const known = 'code' in error ? error : fail('step.failed', { reason: error.message })
        end({ state: 'failed', error: toTaskError(known) })
      },
    )
    return { cancel: () => void queueMicrotask(() => end({ state: 'cancelled' })) }
  }

  return {
    start,
    runningTasks: () => [...running.values()].map((task) => task.id),
    async reap(reference) {
      running.get(reference)?.end({ state: 'cancelled' })
    },
    async close() {
      for (const task of [...running.values()]) task.end({ state: 'cancelled' })
    },
  }
}
