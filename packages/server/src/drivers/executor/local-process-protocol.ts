import type { TaskError, TaskProgress } from '../../ports/executor.ts'

/**
 * Parent to child: one task. The next one comes only after `idle`; until the first the child only loads its modules.
 * `endOfOutput` is set if the process may be used again afterwards.
 */
export type ToTask = { type: 'run'; payload: unknown; tempDir: string; endOfOutput?: string }

/** Child to parent. `idle`: the task has left nothing running, and another one may come. */
export type FromTask =
  | { type: 'progress'; progress: TaskProgress }
  | { type: 'log'; line: string }
  | { type: 'result'; result: unknown }
  | { type: 'error'; error: TaskError }
  | { type: 'idle' }

/** Descriptor of the pipe whose end of file tells the child that its parent is gone. */
export const lifelineFd = 4

/** Argument that marks a process as one that runs tasks: pids are re-used, marks are not. */
export function markOf(nonce: string): string {
  return `--millrace-task=${nonce}`
}
