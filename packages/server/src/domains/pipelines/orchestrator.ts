import { fail, type PipelineNode } from '@millrace/protocol'
import type { Clock } from '../../kernel/clock.ts'
import type { Logger } from '../../kernel/logger.ts'
import type { Database } from '../../ports/database.ts'
import type {
  Executor,
  TaskError,
  TaskHandle,
  TaskListener,
  TaskOutcome,
  TaskProgress,
} from '../../ports/executor.ts'
import type { AttemptKey, Journal } from './journal.ts'
import { planRun, readInputs } from './plan.ts'
import type { RunState, StepState } from './run.ts'
import type { StepTask } from './runner.ts'
import { settle, toTaskError } from './settle.ts'
import type { StepSignature } from './step.ts'
import {
  type Db,
  findRun,
  finishAttempt,
  insertAttempt,
  listStepRows,
  type PipelineTables,
  toPlanned,
  updateRun,
  updateSteps,
} from './store.ts'
import { functionStep } from './validate.ts'

/** A change of a run as it happens. */
export type RunChange =
  | { type: 'step'; node: string; state: StepState; attempt: number; at: number; error?: TaskError }
  | { type: 'progress'; node: string; attempt: number; progress: TaskProgress }
  | { type: 'run'; state: RunState; at: number }

export interface OrchestratorDeps {
  db: Database
  executor: Executor
  clock: Clock
  logger: Logger
  journal: Journal
  steps: ReadonlyMap<string, StepSignature>
  /** Step processes at the same time. */
  concurrency: number
  stepMemoryMb?: number
  /** Names this control plane in leases. */
  owner: string
  /** Calls back once after a delay. */
  timer(delayMs: number, callback: () => void): void
  /** From [0, 1). */
  random(): number
  onChange(run: string, change: RunChange): void | Promise<void>
  /** Called once the state that it tells of is stored. */
  onEnd(run: string): Promise<void>
}

export interface Orchestrator {
  /** Takes a run up, or looks at it again. */
  adopt(run: string): void
  /** Ends the tasks of a run whose cancellation is stored. */
  cancelTasks(run: string): void
  /** Starts nothing more, cancels what runs and waits until all of that is stored. */
  stop(): Promise<void>
}

interface Claim extends AttemptKey {
  definitionNode: PipelineNode
  inputs: Record<string, unknown>
}

interface RunningTask {
  run: string
  handle: TaskHandle
  /** Resolves when the end of the task is stored. */
  ended: Promise<void>
}

interface Advance {
  claims: Claim[]
  changes: RunChange[]
  /** Nothing is left to do for us. */
  over: boolean
  /** A later state may already be due: look again. */
  again: boolean
  /** When the next retry is due. */
  wakeAt: number | null
}

const storageRetryMs = 1000

/**
 * Carries runs forward. All that it knows of a run it reads from the database at each look, and every decision is one
 * transaction, so it can be lost at any moment: another one with the same database goes on where it was.
 */
export function createOrchestrator(deps: OrchestratorDeps): Orchestrator {
  const { db, clock, logger, journal } = deps
  const active = new Set<string>()
  const tasks = new Map<string, RunningTask>()
  const background = new Set<Promise<void>>()
  let stopped = false
  let again = false
  let looking: Promise<void> | undefined

  function wake() {
    again = true
    if (stopped) return
    looking ??= lookAtAll().finally(() => {
      looking = undefined
      if (again) wake()
    })
  }
  function wakeIn(delayMs: number) {
    deps.timer(Math.max(0, delayMs), wake)
  }
  function inBackground(work: Promise<void>) {
    const tracked = work.finally(() => background.delete(tracked))
    background.add(tracked)
  }

  async function lookAtAll() {
    while (again && !stopped) {
      again = false
      for (const run of [...active]) {
        try {
          await lookAt(run)
        } catch (error) {
          logger.error({ err: error, run }, 'a pipeline run could not be carried forward; trying again')
          wakeIn(storageRetryMs)
        }
      }
    }
  }

  async function lookAt(run: string) {
    const step = await db.transaction<PipelineTables, Advance>((trx) => advance(trx, run))
    if (step.over) active.delete(run)
    if (step.again) again = true
    if (step.wakeAt !== null) wakeIn(step.wakeAt - clock.now())
    for (const claim of step.claims) launch(claim)
    for (const change of step.changes) void deps.onChange(run, change)
    if (step.over) inBackground(deps.onEnd(run))
  }

  async function advance(trx: Db, runId: string): Promise<Advance> {
    const result: Advance = { claims: [], changes: [], over: false, again: false, wakeAt: null }
    const stored = await findRun(trx, runId)
    if (stored?.run.state !== 'running' || stored.owner !== deps.owner) return { ...result, over: true }
    const { run, definition } = stored
    const now = clock.now()
    if (run.cancelRequested) {
      await updateSteps(trx, { run: runId, states: ['pending'] }, { state: 'cancelled', finished_at: now })
    }
    const rows = await listStepRows(trx, runId)
    const steps = toPlanned(rows)
    const plan = planRun(definition, steps, { now, cancelRequested: run.cancelRequested })
    const attempts = new Map(rows.map((row) => [row.node, row.attempt]))

    for (const { node, reason } of plan.skip) {
      const patch = { state: 'skipped', skipped: reason, finished_at: now } as const
      await updateSteps(trx, { run: runId, node }, patch)
      result.changes.push({ type: 'step', node, state: 'skipped', attempt: attempts.get(node) ?? 0, at: now })
    }
    for (const node of plan.ready.slice(0, Math.max(0, deps.concurrency - tasks.size))) {
      const attempt = (attempts.get(node.id) ?? 0) + 1
      const key = { run: runId, node: node.id, attempt }
      await insertAttempt(trx, { ...key, startedAt: now })
      try {
        const inputs = readInputs(node, signatureOf(node), { params: run.params, steps })
        result.claims.push({ ...key, definitionNode: node, inputs })
        await updateSteps(
          trx,
          { run: runId, node: node.id },
          {
            state: 'running',
            attempt,
            lease_owner: deps.owner,
            task_reference: null,
            retry_at: null,
            started_at: now,
            finished_at: null,
            progress: null,
            error: null,
          },
        )
        result.changes.push({ type: 'step', node: node.id, state: 'running', attempt, at: now })
      } catch (error) {
        const refused = toTaskError(error)
        await finishAttempt(trx, key, { state: 'failed', finishedAt: now, error: refused })
        await updateSteps(
          trx,
          { run: runId, node: node.id },
          { state: 'failed', attempt, started_at: now, finished_at: now, error: JSON.stringify(refused) },
        )
        result.changes.push({
          type: 'step',
          node: node.id,
          state: 'failed',
          attempt,
          at: now,
          error: refused,
        })
        result.again = true
      }
    }
    if (plan.finished) {
      await updateRun(trx, runId, { state: plan.finished, finished_at: now })
      result.changes.push({ type: 'run', state: plan.finished, at: now })
      result.over = true
    }
    const retries = rows.flatMap((row) =>
      row.state === 'pending' && row.retry_at !== null && row.retry_at > now ? [row.retry_at] : [],
    )
    if (retries.length > 0) result.wakeAt = Math.min(...retries)
    return result
  }

  function signatureOf(node: PipelineNode): StepSignature {
    const signature = node.step === functionStep.name ? functionStep : deps.steps.get(node.step)
    if (!signature) throw fail('step.unknown', { step: node.step })
    return signature
  }

  function launch(claim: Claim) {
    const { run, node, attempt, definitionNode } = claim
    const id = `${run}/${node}/${attempt}`
    const key = { run, node, attempt }
    const payload: StepTask = {
      pipelineRun: run,
      node,
      attempt,
      step: definitionNode.step,
      code: definitionNode.code,
      inputs: claim.inputs,
    }
    const { promise: ended, resolve } = Promise.withResolvers<void>()
    const end = (outcome: TaskOutcome) =>
      onExit(claim, outcome).then(() => {
        tasks.delete(id)
        resolve()
        wake()
      })
    const listener: TaskListener = {
      onStart: (reference) => recordReference(key, reference),
      onProgress(progress) {
        journal.progress(key, progress)
        void deps.onChange(run, { type: 'progress', node, attempt, progress })
      },
      onLog: (line) => journal.log(key, line),
      onExit: (outcome) => void end(outcome),
    }
    const { timeoutMs, code } = definitionNode
    const handle = deps.executor.start(
      { id, payload, timeoutMs, memoryMb: deps.stepMemoryMb, ...(code && { reuse: code.bundle }) },
      listener,
    )
    tasks.set(id, { run, handle, ended })
    if (stopped) handle.cancel()
  }

  async function recordReference(key: AttemptKey, reference: string) {
    const updated = await db
      .tables<PipelineTables>()
      .updateTable('pipeline_steps')
      .set({ task_reference: reference })
      .where('run_id', '=', key.run)
      .where('node', '=', key.node)
      .where('attempt', '=', key.attempt)
      .where('state', '=', 'running')
      .where('lease_owner', '=', deps.owner)
      .executeTakeFirst()
    if (updated.numUpdatedRows === 0n) {
      throw new Error(`the lease of ${key.run}/${key.node} attempt ${key.attempt} was taken over`)
    }
  }

  async function onExit(claim: Claim, outcome: TaskOutcome): Promise<void> {
    await journal.flush()
    try {
      const change = await db.transaction<PipelineTables, RunChange | undefined>((trx) =>
        commit(trx, claim, outcome),
      )
      // Listeners first: what a step has released serves before the run can be seen to have ended.
      if (change) await deps.onChange(claim.run, change)
    } catch (error) {
      logger.error({ err: error, run: claim.run, node: claim.node }, 'the end of a step could not be stored')
      if (stopped) return
      await new Promise<void>((resolve) => deps.timer(storageRetryMs, resolve))
      await onExit(claim, outcome)
    }
  }

  async function commit(trx: Db, claim: Claim, outcome: TaskOutcome): Promise<RunChange | undefined> {
    const { run, node, attempt } = claim
    const stored = await findRun(trx, run)
    const row = (await listStepRows(trx, run)).find((step) => step.node === node)
    const current = stored?.owner === deps.owner && row?.state === 'running' && row.attempt === attempt
    if (!current) {
      logger.warn({ run, node, attempt, outcome: outcome.state }, 'the end of a replaced attempt is ignored')
      return undefined
    }
    const now = clock.now()
    const end = settle(outcome, {
      node: claim.definitionNode,
      signature: signatureOf(claim.definitionNode),
      failures: row.failures,
      cancelRequested: stored.run.cancelRequested,
      now,
      random: deps.random(),
    })
    await finishAttempt(trx, claim, { state: end.attempt, finishedAt: now, error: end.error })
    await updateSteps(
      trx,
      { run, node },
      {
        state: end.state,
        failures: end.failures,
        lease_owner: null,
        task_reference: null,
        retry_at: end.retryAt,
        finished_at: now,
        outputs: end.outputs ? JSON.stringify(end.outputs) : null,
        error: end.error ? JSON.stringify(end.error) : null,
      },
    )
    return { type: 'step', node, state: end.state, attempt, at: now, error: end.error }
  }

  return {
    adopt(run) {
      active.add(run)
      wake()
    },
    cancelTasks(run) {
      for (const task of tasks.values()) if (task.run === run) task.handle.cancel()
      wake()
    },
    async stop() {
      stopped = true
      await looking
      for (const task of tasks.values()) task.handle.cancel()
      await Promise.all([...tasks.values()].map((task) => task.ended))
      await Promise.all(background)
    },
  }
}
