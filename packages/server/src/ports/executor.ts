/**
 * Runs one task in isolation from the control plane.
 *
 * Guarantees
 * - The task runs in another process (group); nothing it does blocks or kills the caller.
 * - `onExit` is called exactly once, whatever happens: result, error, crash, time-out, cancellation.
 * - cancel ends the whole process group: asked first, killed after the grace time.
 * - If the process that started it dies, the task ends by itself: it never outlives its control plane.
 */
export interface Executor {
  start(task: Task, listener: TaskListener): TaskHandle
  /** Cancels all tasks and waits for their end. */
  close(): Promise<void>
}

export interface Task {
  id: string
  /** JSON that the task process gets. */
  payload: unknown
  timeoutMs: number
  /** Upper bound of the JavaScript heap in MB; the task fails beyond it. */
  memoryMb?: number
  /** Added to the (otherwise minimal) environment. */
  env?: Record<string, string>
}

export interface TaskListener {
  onProgress(progress: { fraction?: number; message: string }): void
  onLog(line: string): void
  onExit(outcome: TaskOutcome): void
}

export type TaskOutcome =
  | { state: 'succeeded'; result: unknown }
  | { state: 'failed'; error: { code: string; message: string; retryable: boolean } }
  | { state: 'cancelled' }

export interface TaskHandle {
  cancel(): void
}
