/**
 * Runs one task in isolation from the control plane.
 *
 * Guarantees
 * - The task runs in another process (group), alone; nothing it does blocks or kills the caller.
 * - `onExit` is called exactly once, whatever happens: result, error, crash, time-out, cancellation. By then the
 *   task no longer runs and all its progress and log lines were delivered.
 * - The task's code does not run before `onStart` has resolved: a caller that stores the reference there can always
 *   find what it started. A rejected `onStart` ends the task with `step.crashed`.
 * - cancel ends the whole process group: asked first, killed after the grace time.
 * - If the process that started it dies, the task ends by itself: it never outlives its control plane for long.
 *   `reap` removes the rest of doubt before the work is started anew.
 * - Output is bounded: long lines are cut, and lines beyond the limit are dropped with a notice.
 */
export interface Executor {
  start(task: Task, listener: TaskListener): TaskHandle
  /**
   * Ends what a former process started under this reference, if it still runs; resolves when it does not. Never
   * touches a process that is not that task, even if the system has given its number to another one.
   */
  reap(reference: string): Promise<void>
  /** Cancels all tasks and waits for their end. Tasks started afterwards are cancelled at once. */
  close(): Promise<void>
}

export interface Task {
  id: string
  /** JSON that the task process gets. */
  payload: unknown
  timeoutMs: number
  /** Upper bound of the JavaScript heap in MB; the task fails with `step.out_of_memory` beyond it. */
  memoryMb?: number
  /** Added to the (otherwise minimal) environment. */
  env?: Record<string, string>
  /**
   * Tasks with equal `reuse`, `memoryMb` and `env` may follow one another in one process, never at the same time, if the
   * earlier one has ended by itself and left nothing running, and environment and working directory as they were. What is
   * in memory stays: give the digest of the code, so that no code sees what another has left. Default: a process for each.
   */
  reuse?: string
}

export interface TaskListener {
  /** The task has a place to run. `reference` is what {@link Executor.reap} takes, also in a later process. */
  onStart(reference: string): Promise<void>
  onProgress(progress: TaskProgress): void
  /** One line of the task's output, without its line end. */
  onLog(line: string): void
  onExit(outcome: TaskOutcome): void
}

export interface TaskProgress {
  /** 0 to 1. */
  fraction?: number
  message: string
}

export interface TaskError {
  /** Code of the catalogue; `step.failed` for any other error that the task threw. */
  code: string
  message: string
  retryable: boolean
}

export type TaskOutcome =
  | { state: 'succeeded'; result: unknown }
  | { state: 'failed'; error: TaskError }
  | { state: 'cancelled' }

export interface TaskHandle {
  cancel(): void
}

/** What the code of a task gets beside its payload. */
export interface TaskContext {
  /** Aborted when the task is cancelled or out of time. */
  signal: AbortSignal
  progress(progress: TaskProgress): void
  log(line: string): void
  /** A folder of this task alone; removed when it ends. */
  tempDir: string
}
