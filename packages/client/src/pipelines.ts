import type { PipelineSchedule } from '@millrace/protocol'
import { isPlatformError } from '@millrace/protocol/errors'
import type { Page, PageInput } from './page.ts'
import { path, type Transport } from './transport.ts'

export type RunState = 'running' | 'succeeded' | 'failed' | 'cancelled'
export type StepState = 'pending' | 'running' | 'succeeded' | 'failed' | 'skipped' | 'cancelled'

export interface PipelineRun {
  id: string
  pipeline: string
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

export interface StepError {
  code: string
  message: string
  retryable: boolean
}

export interface RunStep {
  node: string
  step: string
  state: StepState
  attempt: number
  startedAt: number | null
  finishedAt: number | null
  progress: { fraction?: number; message: string } | null
  outputs: Record<string, unknown> | null
  error: StepError | null
  /** Why it was skipped. */
  skipped: string | null
  /** Ids of the nodes that it waits for. */
  needs: string[]
  /** Oldest first; `lost`: the control plane ended during it. */
  attempts: StepAttempt[]
}

export interface StepAttempt {
  attempt: number
  state: 'running' | 'succeeded' | 'failed' | 'cancelled' | 'lost'
  startedAt: number
  finishedAt: number | null
  error: StepError | null
}

export interface PipelineRunDetail extends PipelineRun {
  steps: RunStep[]
}

export interface LogLine {
  offset: number
  node: string
  attempt: number
  at: number
  line: string
}

/** A pipeline that starts at times. */
export interface ScheduledPipeline {
  pipeline: string
  schedule: PipelineSchedule
  /** When it is due next, in milliseconds; null if it never is again. */
  next: number | null
}

export interface StartInput {
  params?: Record<string, unknown>
  /** A second start with the same id gives the first run; makes the call safe to repeat. */
  requestId?: string
  reason?: string
}

export interface WaitOptions {
  /** Called with each state of the run that is seen, the last one too. */
  onProgress?: (run: PipelineRunDetail) => void
  signal?: AbortSignal
  /** Time between two looks. Default: 250. */
  pollMs?: number
}

const longestAbsence = 20
const absencePollMs = 1000

export function pipelineCalls({ send, delay }: Transport) {
  const get = (run: string, signal?: AbortSignal) =>
    send<PipelineRunDetail>({ method: 'GET', path: path`/v1/pipeline-runs/${run}`, signal })
  return {
    pipelines: {
      start: (pipeline: string, input: StartInput = {}) =>
        send<PipelineRun>({
          method: 'POST',
          path: path`/v1/pipelines/${pipeline}/runs`,
          body: { params: {}, ...input },
          idempotent: input.requestId !== undefined,
        }),
      get: (run: string) => get(run),
      runs: (query: PageInput & { pipeline?: string; state?: RunState } = {}) =>
        send<Page<PipelineRun>>({ method: 'GET', path: '/v1/pipeline-runs', query: { ...query } }),
      /** Pipelines that start at times. */
      schedules: () =>
        send<{ items: ScheduledPipeline[] }>({ method: 'GET', path: '/v1/pipeline-schedules' }),
      cancel: (run: string) =>
        send<PipelineRun>({ method: 'POST', path: path`/v1/pipeline-runs/${run}/cancel`, idempotent: true }),
      /** Goes on with a failed or cancelled run; finished steps are kept. */
      retry: (run: string) =>
        send<PipelineRun>({ method: 'POST', path: path`/v1/pipeline-runs/${run}/retry` }),
      log: (run: string, query: { after?: number; limit?: number } = {}) =>
        send<{ items: LogLine[] }>({
          method: 'GET',
          path: path`/v1/pipeline-runs/${run}/logs`,
          query: { ...query },
        }),
      /**
       * Waits for the end of a run, whatever it is. A server that is gone is waited for, because a run goes on
       * after a restart.
       * @throws `client.unreachable` if the server stays away, about half a minute after it was last seen.
       */
      async wait(run: string, options: WaitOptions = {}): Promise<PipelineRunDetail> {
        for (let missed = 0; ; ) {
          const seen = await get(run, options.signal).catch((error: unknown) => {
            const gone = isPlatformError(error) && error.code === 'client.unreachable'
            if (!gone || missed >= longestAbsence) throw error
          })
          options.signal?.throwIfAborted()
          if (!seen) {
            missed++
            await delay(absencePollMs)
            continue
          }
          missed = 0
          options.onProgress?.(seen)
          if (seen.state !== 'running') return seen
          await delay(options.pollMs ?? 250)
        }
      },
    },
  }
}
