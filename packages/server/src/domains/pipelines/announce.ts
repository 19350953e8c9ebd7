import type { Clock } from '../../kernel/clock.ts'
import type { Events } from '../../kernel/events.ts'
import type { Logger } from '../../kernel/logger.ts'
import type { Database } from '../../ports/database.ts'
import type { EventStream } from '../../ports/event-stream.ts'
import type { RunState, StepState } from './run.ts'
import { findRun, type PipelineTables, updateRun } from './store.ts'

export interface PipelineEvents {
  /** A run has ended. Heard at least once: again after a restart if the control plane died while it was told. */
  runFinished: {
    run: string
    pipeline: string
    state: Exclude<RunState, 'running'>
    reason: string | null
    requestId: string | null
  }
  /** An attempt of a step has ended; `pending` means that it will be tried again. */
  stepFinished: { run: string; node: string; state: StepState; attempt: number }
}

/**
 * Tells the audit trail and the listeners, at least once, that a run has started and ended. What was told is stored,
 * so calling it again, also after a crash, tells only what is still missing.
 */
export function createAnnouncer(deps: {
  db: Database
  stream: EventStream
  clock: Clock
  logger: Logger
  events: Events<PipelineEvents>
}): (run: string) => Promise<void> {
  const tables = () => deps.db.tables<PipelineTables>()

  async function announce(id: string) {
    const stored = await findRun(tables(), id)
    if (!stored) return
    const { run, announced } = stored
    const { pipeline, reason, requestId, startedBy, state } = run
    if (announced < 1) {
      const data = { run: id, pipeline, reason, startedBy, params: run.params }
      await deps.stream.append('audit', [{ type: 'pipeline.started', at: run.startedAt, data }])
      await updateRun(tables(), id, { announced: 1 })
    }
    if (announced < 2 && state !== 'running') {
      const at = run.finishedAt ?? deps.clock.now()
      await deps.stream.append('audit', [
        { type: 'pipeline.finished', at, data: { run: id, pipeline, state, reason } },
      ])
      await deps.events.emit('runFinished', { run: id, pipeline, state, reason, requestId })
      await updateRun(tables(), id, { announced: 2 })
    }
  }

  return async (run) => {
    try {
      await announce(run)
    } catch (error) {
      deps.logger.error(
        { err: error, run },
        'a pipeline run could not be announced; the next start tries again',
      )
    }
  }
}
