import { fail } from '@millrace/protocol'
import type { Task, TaskOutcome } from '../../ports/executor.ts'

export interface TaskEnd {
  task: Task
  code: number | null
  signal: string | null
  spawnError?: Error
  /** What the task itself said before it ended. */
  reported?: TaskOutcome
  /** Why we ended it, if we did. */
  ending?: 'cancelled' | 'timed-out'
  outOfMemory: boolean
}

/** How a task ended, from what it said and how its process exited. A result that arrived always counts. */
export function outcomeOfExit(end: TaskEnd): TaskOutcome {
  if (end.reported?.state === 'succeeded') return end.reported
  if (end.ending === 'cancelled') return { state: 'cancelled' }
  if (end.ending === 'timed-out') return failed('step.timed_out', { timeoutMs: end.task.timeoutMs })
  if (end.reported) return end.reported
  if (end.outOfMemory) return failed('step.out_of_memory', { memoryMb: end.task.memoryMb ?? 'default' })
  if (end.spawnError) return failed('step.crashed', { reason: end.spawnError.message })
  const reason = end.signal ? `it was ended by ${end.signal}` : `it exited with code ${end.code}`
  return failed('step.crashed', { reason })
}

function failed(code: Parameters<typeof fail>[0], details: Record<string, unknown>): TaskOutcome {
  const { message, retryable } = fail(code, details)
  return { state: 'failed', error: { code, message, retryable } }
}
