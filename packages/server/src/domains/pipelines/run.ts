import type { TaskError, TaskProgress } from '../../ports/executor.ts'

export type RunState = 'running' | 'succeeded' | 'failed' | 'cancelled'
export type StepState = 'pending' | 'running' | 'succeeded' | 'failed' | 'skipped' | 'cancelled'
/** `lost`: the control plane died while it ran. Lost attempts do not count against the retries. */
export type AttemptState = 'running' | 'succeeded' | 'failed' | 'cancelled' | 'lost'

/** One run of a pipeline. Times are in milliseconds. */
export interface PipelineRun {
  id: string
  pipeline: string
  /** Content hash of the definition that the run follows to its end, whatever is applied meanwhile. */
  definitionVersion: string
  params: Record<string, unknown>
  state: RunState
  /** Why it was started, e.g. by a monitor. */
  reason: string | null
  startedBy: string
  requestId: string | null
  cancelRequested: boolean
  startedAt: number
  finishedAt: number | null
}

export interface RunStep {
  node: string
  step: string
  state: StepState
  /** Number of starts, lost ones included. */
  attempt: number
  startedAt: number | null
  finishedAt: number | null
  /** Before this time a step that failed is not started again. */
  retryAt: number | null
  progress: TaskProgress | null
  outputs: Record<string, unknown> | null
  error: TaskError | null
  /** Why it was skipped. */
  skipped: string | null
  /** Ids of the nodes that it waits for. */
  needs: string[]
  attempts: StepAttempt[]
}

export interface StepAttempt {
  attempt: number
  state: AttemptState
  startedAt: number
  finishedAt: number | null
  error: TaskError | null
}

export interface PipelineRunDetail extends PipelineRun {
  steps: RunStep[]
}

export interface RunLogLine {
  /** Position in the log of the run; pass the last one as `after` to go on. */
  offset: number
  node: string
  attempt: number
  at: number
  line: string
}
