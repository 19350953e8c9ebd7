import { setImmediate as nextTurn } from 'node:timers/promises'
import { newHexId } from '../../kernel/ids.ts'
import type { Database } from '../../ports/database.ts'
import type { LoggedMetric } from './metric.ts'
import { addMetrics, addPoints, type PointColumns, toColumns } from './metric-store.ts'
import { createQueues } from './queues.ts'
import type { Db, TrackingTables } from './tables.ts'

/** Which batches are pending at first, and until when. */
export interface PendingLimits {
  /** Batches with at least so many series. */
  series: number
  /** From so many pending points on, those of a run are applied by the next batch. */
  pointsOfRun: number
  /** From so many pending points of all runs on, those of the run with the most are. */
  points: number
}

const usualLimits: PendingLimits = { series: 64, pointsOfRun: 10_000, points: 40_000 }

/**
 * Batches of many series that are kept durably, but not yet among what is read. To add such a batch to the histories, the
 * latest values and their index writes a page for each series; ten batches together write hardly more than one.
 *
 * Whoever reads metrics applies what is pending first. Points may be applied in any order: exact repeats count once, and
 * which one is the latest does not depend on when it came.
 */
export interface PendingMetrics {
  /** Applies what is too much before such a batch is added; outside a transaction. */
  makeRoom(run: string, metrics: readonly LoggedMetric[]): Promise<void>
  /** Keeps a batch, or adds it to the metrics at once if it has few series. */
  add(trx: Db, run: { id: string; experimentId: number }, metrics: readonly LoggedMetric[]): Promise<void>
  /** Adds what is pending of these runs, of all without a list, to the metrics; outside a transaction. */
  apply(runs?: readonly string[]): Promise<void>
}

export function createPendingMetrics(db: Database, limits: PendingLimits = usualLimits): PendingMetrics {
  // Readers that come together would apply the same batches, all but one in vain.
  const queues = createQueues()
  const listPending = pendingLister(db)

  const applyRun = (run: string) =>
    queues.run(run, () => db.transaction<TrackingTables, void>((trx) => applyPending(db, trx, run)))

  /** A batch that would be applied at once anyway is not kept before. */
  const isKept = (metrics: readonly LoggedMetric[]) =>
    metrics.length < limits.pointsOfRun && hasSeries(metrics, limits.series)

  return {
    async makeRoom(run, metrics) {
      if (!isKept(metrics)) return
      const held = await listPending()
      if (held.some(({ run_id, points }) => run_id === run && points >= limits.pointsOfRun)) {
        return applyRun(run)
      }
      if (held.reduce((sum, { points }) => sum + points, 0) < limits.points) return
      await applyRun(held.reduce((a, b) => (b.points > a.points ? b : a)).run_id)
    },
    async add(trx, run, metrics) {
      if (!isKept(metrics)) return addMetrics(db, trx, run, metrics)
      await trx
        .insertInto('pending_metrics')
        .values({
          run_id: run.id,
          id: newHexId(),
          points: metrics.length,
          metrics: JSON.stringify(metrics.map(toColumns)),
        })
        .execute()
    },
    async apply(runs) {
      const held = await listPending()
      const wanted = runs && new Set(runs)
      for (const { run_id } of held) {
        if (wanted && !wanted.has(run_id)) continue
        await applyRun(run_id)
        // A run takes some ten milliseconds; other requests go on in between.
        await nextTurn()
      }
    },
  }
}

/** Every read asks, so the statement is built once: that takes longer than running it. */
function pendingLister(db: Database): () => Promise<{ run_id: string; points: number }[]> {
  const tables = () => db.tables<TrackingTables>()
  const statement = tables()
    .selectFrom('pending_metrics')
    .select((e) => ['run_id', e.fn.sum<number>('points').as('points')])
    .groupBy('run_id')
    .orderBy('run_id')
    .compile()
  return async () => (await tables().executeQuery(statement)).rows
}

function hasSeries(metrics: readonly LoggedMetric[], count: number): boolean {
  if (metrics.length < count) return false
  const keys = new Set<string>()
  return metrics.some(({ key }) => keys.add(key).size >= count)
}

async function applyPending(db: Database, trx: Db, run: string): Promise<void> {
  const batches = await trx
    .selectFrom('pending_metrics')
    .select('metrics')
    .where('run_id', '=', run)
    .orderBy('id')
    .execute()
  if (batches.length === 0) return
  await removePending(trx, run)
  const owner = await trx.selectFrom('runs').select('experiment_id').where('id', '=', run).executeTakeFirst()
  // It is being deleted for good.
  if (!owner) return
  // Clients that had no answer send a batch again.
  const different = [...new Set(batches.map(({ metrics }) => metrics))]
  const points = different.flatMap((metrics) => JSON.parse(metrics) as PointColumns[])
  await addPoints(db, trx, { id: run, experimentId: owner.experiment_id }, points)
}

export async function removePending(db: Db, run: string): Promise<void> {
  await db.deleteFrom('pending_metrics').where('run_id', '=', run).execute()
}
