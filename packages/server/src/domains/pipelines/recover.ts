import type { Clock } from '../../kernel/clock.ts'
import type { Database } from '../../ports/database.ts'
import type { Executor } from '../../ports/executor.ts'
import {
  type Db,
  finishAttempt,
  listStepRows,
  type PipelineTables,
  type StepRow,
  updateRun,
  updateSteps,
} from './store.ts'

/**
 * Takes a run over from a control plane that is gone: first shuts the old one out, should it still be there, then
 * ends what may still run of its tasks, then records the attempts in flight as lost and lets their steps start
 * again. Finished steps keep their outputs. May itself be interrupted anywhere and repeated.
 */
export async function recoverRun(
  deps: { db: Database; executor: Executor; clock: Clock; owner: string },
  run: string,
): Promise<void> {
  const recovering = `${deps.owner}/recovering`
  const leftBehind = async (db: Db) =>
    (await listStepRows(db, run)).filter((row) => row.state === 'running' && row.lease_owner !== deps.owner)

  const taken = await deps.db.transaction<PipelineTables, StepRow[]>(async (trx) => {
    await updateRun(trx, run, { owner: deps.owner })
    const rows = await leftBehind(trx)
    for (const { node } of rows) await updateSteps(trx, { run, node }, { lease_owner: recovering })
    return rows
  })
  for (const row of taken) {
    if (row.task_reference !== null) await deps.executor.reap(row.task_reference)
  }
  await deps.db.transaction<PipelineTables, void>(async (trx) => {
    for (const { node, attempt, lease_owner } of await leftBehind(trx)) {
      if (lease_owner !== recovering) continue
      await finishAttempt(trx, { run, node, attempt }, { state: 'lost', finishedAt: deps.clock.now() })
      await updateSteps(
        trx,
        { run, node },
        { state: 'pending', lease_owner: null, task_reference: null, retry_at: null },
      )
    }
  })
}
