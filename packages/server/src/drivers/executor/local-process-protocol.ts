import type { TaskError, TaskProgress } from '../../ports/executor.ts'

/** Parent to child. `run` comes once; until then the child only loads its modules. */
export type ToTask = { type: 'run'; payload: unknown; tempDir: string }

/** Child to parent. */
export type FromTask =
  | { type: 'progress'; progress: TaskProgress }
  | { type: 'log'; line: string }
  | { type: 'result'; result: unknown }
  | { type: 'error'; error: TaskError }

/** Descriptor of the pipe whose end of file tells the child that its parent is gone. */
export const lifelineFd = 4

/** Argument that marks a process as a task: pids are re-used, marks are not. */
export function markOf(nonce: string): string {
  return `--millrace-task=${nonce}`
}
