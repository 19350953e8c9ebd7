import { fail } from '@millrace/protocol'
import type { Clock } from '../../kernel/clock.ts'
import { createEvents, type Events } from '../../kernel/events.ts'
import { canonicalJson } from '../../kernel/hash.ts'
import { newId } from '../../kernel/ids.ts'
import type { Logger } from '../../kernel/logger.ts'
import type { Database } from '../../ports/database.ts'
import type { EventStream } from '../../ports/event-stream.ts'
import type { Executor } from '../../ports/executor.ts'
import { type DefinitionService, versionOf } from '../definitions/index.ts'
import { createAnnouncer, type PipelineEvents } from './announce.ts'
import { createJournal, readLines } from './journal.ts'
import { createOrchestrator, type RunChange } from './orchestrator.ts'
import { recoverRun } from './recover.ts'
import type { PipelineRun, PipelineRunDetail, RunLogLine, RunState } from './run.ts'
import type { StepSignature } from './step.ts'
import {
  findRun,
  findRunByRequest,
  insertRun,
  listAttempts,
  listOpenRuns,
  listRunRows,
  listStepRows,
  type PipelineTables,
  type StoredRun,
  toRunStep,
  updateRun,
  updateSteps,
} from './store.ts'
import { validatePipeline } from './validate.ts'
import { readParams } from './values.ts'

interface StartRunInput {
  pipeline: string
  params: Record<string, unknown>
  /** Idempotency key: a second start with it gives the first one's run. */
  requestId?: string
  reason?: string
  startedBy: string
}

interface RunPage {
  items: PipelineRun[]
  nextPageToken?: string
}

export interface PipelineService {
  /**
   * Starts a run of the current definition.
   * @throws `definition.not_found`; `pipeline.params_invalid`; `pipeline.request_conflict` if the request id was used
   * for something else. Nothing is written then.
   */
  start(input: StartRunInput): Promise<PipelineRun>
  /** @throws `pipeline.run_not_found` */
  getRun(id: string): Promise<PipelineRunDetail>
  /** Newest first. */
  listRuns(filter: {
    pipeline?: string
    state?: RunState
    pageToken?: string
    limit?: number
  }): Promise<RunPage>
  /** Lines of all steps in the order in which they came, after an offset. */
  readLog(id: string, page: { after: number; limit?: number }): Promise<RunLogLine[]>
  /**
   * Ends a run: running steps are stopped, others not begun. Repeating it changes nothing.
   * @throws `pipeline.run_not_found`; `pipeline.run_state` if it has ended by itself.
   */
  cancel(id: string): Promise<PipelineRun>
  /**
   * Goes on with a failed or cancelled run: what succeeded keeps its outputs, the rest is done again, by the
   * definition that the run began with.
   * @throws `pipeline.run_not_found`; `pipeline.run_state`
   */
  retry(id: string): Promise<PipelineRun>
  /** Calls back on each change of a run until the returned function is called. */
  subscribe(id: string, listener: (change: RunChange) => void): () => void
  /** Goes on with everything that a former control plane left; call it once, before or after other calls. */
  resumeAll(): Promise<void>
  /** Stops steps (they start again with the next control plane) and waits until that is stored. */
  stop(): Promise<void>
  readonly events: Events<PipelineEvents>
}

export interface PipelineDeps {
  db: Database
  stream: EventStream
  executor: Executor
  clock: Clock
  logger: Logger
  definitions: Pick<DefinitionService, 'get'>
  /** Built-in steps by name. */
  steps: ReadonlyMap<string, StepSignature>
  /** Step processes at the same time. */
  concurrency: number
  /** Heap of a step process in MB. */
  stepMemoryMb?: number
  /** Replaced by tests. */
  timer?(delayMs: number, callback: () => void): void
  random?(): number
}

const defaultPage = 50
const largestPage = 1000

export function createPipelineService(deps: PipelineDeps): PipelineService {
  const { db, clock, logger, executor } = deps
  const tables = () => db.tables<PipelineTables>()
  const events = createEvents<PipelineEvents>()
  const announce = createAnnouncer({ db, stream: deps.stream, clock, logger, events })
  const subscribers = new Map<string, Set<(change: RunChange) => void>>()
  const owner = newId('plane')
  const orchestrator = createOrchestrator({
    db,
    executor,
    clock,
    logger,
    owner,
    journal: createJournal({ db, clock, logger }),
    steps: deps.steps,
    concurrency: deps.concurrency,
    stepMemoryMb: deps.stepMemoryMb,
    timer: deps.timer ?? ((delayMs, callback) => void setTimeout(callback, delayMs).unref()),
    random: deps.random ?? Math.random,
    onChange,
    onEnd: announce,
  })

  async function onChange(run: string, change: RunChange): Promise<void> {
    try {
      for (const listener of subscribers.get(run) ?? []) listener(change)
      if (change.type !== 'step' || change.state === 'running') return
      const { node, state, attempt } = change
      await events.emit('stepFinished', { run, node, state, attempt })
    } catch (error) {
      logger.error({ err: error, run, change }, 'a listener of a run failed')
    }
  }

  async function getStored(id: string): Promise<StoredRun> {
    const stored = await findRun(tables(), id)
    if (!stored) throw fail('pipeline.run_not_found', { run: id })
    return stored
  }

  /** The run that a request id has started before. */
  function sameRequest(stored: StoredRun, input: StartRunInput): PipelineRun {
    const { run, definition } = stored
    const same =
      run.pipeline === input.pipeline &&
      canonicalJson(readParams(definition, input.params)) === canonicalJson(run.params)
    if (same) return run
    const { id, pipeline, requestId } = run
    throw fail('pipeline.request_conflict', { requestId, run: id, pipeline })
  }

  async function start(input: StartRunInput): Promise<PipelineRun> {
    const definition = await deps.definitions.get('pipeline', input.pipeline)
    validatePipeline(definition, deps.steps)
    const { requestId = null } = input
    const earlier = requestId === null ? undefined : await findRunByRequest(tables(), requestId)
    if (earlier) return sameRequest(earlier, input)
    const now = clock.now()
    const run: PipelineRun = {
      id: newId('pr', now),
      pipeline: input.pipeline,
      definitionVersion: versionOf(definition),
      params: readParams(definition, input.params),
      state: 'running',
      reason: input.reason ?? null,
      startedBy: input.startedBy,
      requestId,
      cancelRequested: false,
      startedAt: now,
      finishedAt: null,
    }
    const winner = await db.transaction<PipelineTables, StoredRun | undefined>(async (trx) => {
      const other = requestId === null ? undefined : await findRunByRequest(trx, requestId)
      if (!other) await insertRun(trx, { run, definition, owner })
      return other
    })
    if (winner) return sameRequest(winner, input)
    await announce(run.id)
    orchestrator.adopt(run.id)
    return run
  }

  return {
    events,
    start,
    async getRun(id) {
      const { run, definition } = await getStored(id)
      const attempts = await listAttempts(tables(), id)
      const rows = await listStepRows(tables(), id)
      return { ...run, steps: rows.map((row) => toRunStep(row, definition, attempts)) }
    },
    async listRuns({ pipeline, state, pageToken, limit = defaultPage }) {
      const size = Math.min(limit, largestPage)
      const runs = await listRunRows(tables(), { pipeline, state, before: pageToken, limit: size + 1 })
      const items = runs.slice(0, size)
      return runs.length > size ? { items, nextPageToken: items.at(-1)?.id } : { items }
    },
    async readLog(id, { after, limit = largestPage }) {
      await getStored(id)
      return readLines(tables(), id, { after, limit: Math.min(limit, largestPage) })
    },
    async cancel(id) {
      const run = await db.transaction<PipelineTables, PipelineRun>(async (trx) => {
        const stored = await findRun(trx, id)
        if (!stored) throw fail('pipeline.run_not_found', { run: id })
        const { state } = stored.run
        if (state === 'cancelled') return stored.run
        if (state !== 'running') {
          throw fail('pipeline.run_state', { run: id, state, action: 'cancelled', accepted: 'running' })
        }
        await updateRun(trx, id, { cancel_requested: 1 })
        return { ...stored.run, cancelRequested: true }
      })
      orchestrator.cancelTasks(id)
      return run
    },
    async retry(id) {
      await db.transaction<PipelineTables, void>(async (trx) => {
        const stored = await findRun(trx, id)
        if (!stored) throw fail('pipeline.run_not_found', { run: id })
        const { state } = stored.run
        if (state !== 'failed' && state !== 'cancelled') {
          const accepted = 'failed and cancelled'
          throw fail('pipeline.run_state', { run: id, state, action: 'retried', accepted })
        }
        await updateRun(trx, id, {
          state: 'running',
          owner,
          cancel_requested: 0,
          finished_at: null,
          announced: 1,
        })
        await updateSteps(
          trx,
          { run: id, states: ['failed', 'skipped', 'cancelled'] },
          { state: 'pending', failures: 0, retry_at: null, finished_at: null, error: null, skipped: null },
        )
      })
      const { run } = await getStored(id)
      const data = { run: id, pipeline: run.pipeline }
      await deps.stream.append('audit', [{ type: 'pipeline.retried', at: clock.now(), data }])
      orchestrator.adopt(id)
      return run
    },
    subscribe(id, listener) {
      const listeners = subscribers.get(id) ?? new Set()
      subscribers.set(id, listeners)
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0) subscribers.delete(id)
      }
    },
    async resumeAll() {
      for (const id of await listOpenRuns(tables())) {
        try {
          await recoverRun({ db, executor, clock, owner }, id)
          await announce(id)
          orchestrator.adopt(id)
        } catch (error) {
          logger.error({ err: error, run: id }, 'a pipeline run could not be resumed')
        }
      }
    },
    stop: () => orchestrator.stop(),
  }
}
