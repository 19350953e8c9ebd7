import { fromStored, type RunMetric } from './metric.ts'
import type { Db } from './tables.ts'

export interface MetricSample {
  runs: readonly string[]
  key: string
  points: number
  from?: number
  to?: number
}

/** See `sampleMetric` of the service. */
export async function sampleMetric(db: Db, query: MetricSample): Promise<RunMetric[]> {
  const { key, points, from, to } = query
  const inRange = (run: string) => {
    let rows = db.selectFrom('run_metrics').where('run_id', '=', run).where('key', '=', key)
    if (from !== undefined) rows = rows.where('step', '>=', from)
    if (to !== undefined) rows = rows.where('step', '<=', to)
    return rows
  }
  const sampled: RunMetric[] = []
  for (const run of new Set(query.runs)) {
    const { count } = await inRange(run)
      .select((e) => e.fn.countAll().as('count'))
      .executeTakeFirstOrThrow()
    const places = choosePlaces(Number(count), points)
    if (places.length === 0) continue
    const rows = await db
      .selectFrom(
        inRange(run)
          .select((e) => [
            'at',
            'step',
            'value',
            'special',
            e.fn
              .agg<number>('row_number')
              .over((o) => o.orderBy('step').orderBy('at').orderBy('value').orderBy('special'))
              .as('place'),
          ])
          .as('points'),
      )
      .selectAll()
      .where('place', 'in', places)
      .orderBy('place')
      .execute()
    for (const row of rows) sampled.push({ run, key, value: fromStored(row), at: row.at, step: row.step })
  }
  return sampled
}

/**
 * Of the places 1 to `count` at most `points`: the first of each of so many buckets of equal size (the larger ones first, as
 * NTILE makes them), and the last place instead of the last of them.
 */
export function choosePlaces(count: number, points: number): number[] {
  const buckets = Math.min(count, points)
  const size = Math.floor(count / buckets)
  const larger = count % buckets
  return Array.from({ length: buckets }, (_, i) =>
    i === buckets - 1 ? count : 1 + i * size + Math.min(i, larger),
  )
}
