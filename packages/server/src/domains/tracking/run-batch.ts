import { fail } from '@millrace/protocol'
import type { Clock } from '../../kernel/clock.ts'
import type { Database } from '../../ports/database.ts'
import { checkBatch } from './entry.ts'
import { addParams, setTags } from './entry-store.ts'
import { addModelMetrics } from './logged-model-metric-store.ts'
import { noteTag, recordRunNote } from './note-history.ts'
import type { PendingMetrics } from './pending-metrics.ts'
import { createQueues } from './queues.ts'
import { type LogBatchInput, runNameTag } from './run.ts'
import { changeRun } from './run-store.ts'
import type { Db, RunRow, TrackingTables } from './tables.ts'

/** Logs batches; see `logBatch` of the service. */
export function createBatchLogger(
  db: Database,
  clock: Clock,
  pending: PendingMetrics,
): (batch: LogBatchInput) => Promise<void> {
  // Writers of one run would only make each other's transactions fail and start again on PostgreSQL.
  const queues = createQueues()
  const requireWritableRun = writableRunCheck(db)
  return async (batch) => {
    const { run: id } = batch
    const { params, metrics, tags } = checkBatch(batch)
    await queues.run(id, async () => {
      await pending.makeRoom(id, metrics)
      await db.transaction<TrackingTables, void>(async (trx) => {
        const experimentId = await requireWritableRun(trx, id)
        await addParams(db, trx, id, params)
        await pending.add(trx, { id, experimentId }, metrics)
        await addModelMetrics(db, trx, id, metrics)
        const note = tags.get(noteTag)
        if (note !== undefined) await recordRunNote(trx, id, note, { at: clock.now(), by: batch.by ?? 'api' })
        await setTags(db, trx, id, tags)
        const name = tags.get(runNameTag)
        if (name !== undefined) await changeRun(trx, id, { name })
      })
    })
  }
}

/**
 * A check that every write asks, so its statement is built once: that takes longer than running it.
 * The check gives the number of the run's experiment.
 * @throws `run.not_found`, `run.deleted`
 */
export function writableRunCheck(db: Database): (trx: Db, id: string) => Promise<number> {
  const statement = db
    .tables<TrackingTables>()
    .selectFrom('runs')
    .select(['experiment_id', 'lifecycle_stage'])
    .where('id', '=', '')
    .compile()
  return async (trx, id) => {
    const { rows } = await trx.executeQuery<Pick<RunRow, 'experiment_id' | 'lifecycle_stage'>>({
      ...statement,
      parameters: [id],
    })
    if (!rows[0]) throw fail('run.not_found', { run: id })
    if (rows[0].lifecycle_stage === 'deleted') throw fail('run.deleted', { run: id })
    return rows[0].experiment_id
  }
}
