import { sql } from 'kysely'
import type { Database } from '../../ports/database.ts'
import { type LoggedMetric, type Metric, toStored } from './metric.ts'
import { addToRollups, longSeries } from './rollup-store.ts'
import { metricFromRow } from './run-store.ts'
import type { Db, MetricRow } from './tables.ts'

type Point = Omit<MetricRow, 'run_id'>
/** Key, time, step, value and kind of number of a point. */
export type PointColumns = readonly [string, number, number, number, string]
type Row = readonly [string, ...PointColumns]

const points = {
  table: 'run_metrics',
  columns: {
    run_id: 'text',
    key: 'text',
    at: 'bigint',
    step: 'bigint',
    value: 'double precision',
    special: 'text',
  },
  key: ['run_id', 'key', 'at', 'step', 'value', 'special'],
} as const

/** What `isLater` says of a row as numbers in order; `value` is 0 for what is not finite. */
const rank = (row: string) =>
  `(${row}.step, ${row}.at, case ${row}.special when 'Infinity' then 1 when '-Infinity' then -1 else 0 end, ` +
  `${row}.value, ${row}.special)`
const latestOf = (column: string) =>
  `case when ${rank('excluded')} > ${rank('run_latest_metrics')} then excluded.${column} ` +
  `else run_latest_metrics.${column} end`

const latest = {
  table: 'run_latest_metrics',
  columns: {
    run_id: 'text',
    key: 'text',
    experiment_id: 'bigint',
    at: 'bigint',
    step: 'bigint',
    value: 'double precision',
    special: 'text',
    points: 'bigint',
  },
  key: ['run_id', 'key'],
  update: {
    at: latestOf('at'),
    step: latestOf('step'),
    value: latestOf('value'),
    special: latestOf('special'),
    points: 'run_latest_metrics.points + excluded.points',
  },
} as const

/**
 * Adds values to the histories, exact repeats once; moves the latest values, the numbers of points and the rollups on.
 * Reads nothing of the histories.
 */
export async function addMetrics(
  db: Database,
  trx: Db,
  run: { id: string; experimentId: number },
  metrics: readonly LoggedMetric[],
): Promise<void> {
  await addPoints(db, trx, run, metrics.map(toColumns))
}

export function toColumns({ key, at, step, value }: LoggedMetric): PointColumns {
  const stored = toStored(value)
  return [key, at, step, stored.value, stored.special]
}

/** As addMetrics. */
export async function addPoints(
  db: Database,
  trx: Db,
  run: { id: string; experimentId: number },
  given: readonly PointColumns[],
): Promise<void> {
  if (given.length === 0) return
  const rows = given.map((point): Row => [run.id, ...point])
  // One order for all writers: they lock the same rows one after the other, and neighbours are written together.
  rows.sort((a, b) => (a[1] === b[1] ? a[2] - b[2] || a[3] - b[3] : a[1] < b[1] ? -1 : 1))
  const added = (await db.insertNew(trx, { ...points, rows })).map(toPoint)
  if (added.length === 0) return
  const series = new Map<string, { count: number; last: Point }>()
  for (const point of added) {
    const known = series.get(point.key)
    if (!known) series.set(point.key, { count: 1, last: point })
    else {
      known.count++
      if (comparePoints(point, known.last) > 0) known.last = point
    }
  }
  const keys = [...series].sort(([a], [b]) => (a < b ? -1 : 1))
  await db.insertMany(trx, {
    ...latest,
    rows: keys.map(([key, { count, last }]) => [
      run.id,
      key,
      run.experimentId,
      last.at,
      last.step,
      last.value,
      last.special,
      count,
    ]),
  })
  const long = await findLongSeries(trx, run.id, series)
  if (long.length > 0) await addToRollups(db, trx, run.id, long, added)
}

function toPoint([, key, at, step, value, special]: Row): Point {
  return { key, at, step, value, special }
}

/** Those of the series that have rollups or need them from now on; for many keys by the index of long series. */
async function findLongSeries(trx: Db, run: string, keys: ReadonlyMap<string, unknown>) {
  let query = trx
    .selectFrom('run_latest_metrics')
    .select(['key', 'points', 'rollup_shift'])
    .where('run_id', '=', run)
    .where('points', '>=', sql.lit(longSeries))
  if (keys.size <= 20) query = query.where('key', 'in', [...keys.keys()])
  return (await query.execute()).filter(({ key }) => keys.has(key))
}

/** The order of `rank`. */
function comparePoints(a: Point, b: Point): number {
  const infinite = ({ special }: Point) => (special === 'Infinity' ? 1 : special === '-Infinity' ? -1 : 0)
  return (
    a.step - b.step ||
    a.at - b.at ||
    infinite(a) - infinite(b) ||
    a.value - b.value ||
    (a.special < b.special ? -1 : a.special > b.special ? 1 : 0)
  )
}

export async function listLatestMetrics(db: Db, run: string): Promise<(Metric & { points: number })[]> {
  const rows = await db
    .selectFrom('run_latest_metrics')
    .select(['key', 'at', 'step', 'value', 'special', 'points'])
    .where('run_id', '=', run)
    .orderBy('key')
    .execute()
  return rows.map((row) => ({ ...metricFromRow(row), points: row.points }))
}

/** By step, time, value. */
export async function listMetricHistory(
  db: Db,
  { run, key }: { run: string; key: string },
  range: { offset: number; limit: number },
): Promise<Metric[]> {
  const rows = await db
    .selectFrom('run_metrics')
    .select(['key', 'at', 'step', 'value', 'special'])
    .where('run_id', '=', run)
    .where('key', '=', key)
    .orderBy('step')
    .orderBy('at')
    .orderBy('value')
    .orderBy('special')
    .offset(range.offset)
    .limit(range.limit)
    .execute()
  return rows.map(metricFromRow)
}

/** By time, step, value: the order of the primary key, so that a page costs its own length only. */
export async function listMetricHistoryByTime(
  db: Db,
  { run, key }: { run: string; key: string },
  { after, limit }: { after: Point | undefined; limit: number | undefined },
): Promise<Point[]> {
  let query = db
    .selectFrom('run_metrics')
    .select(['key', 'at', 'step', 'value', 'special'])
    .where('run_id', '=', run)
    .where('key', '=', key)
    .orderBy('at')
    .orderBy('step')
    .orderBy('value')
    .orderBy('special')
  if (after) {
    query = query.where(
      sql<boolean>`(at, step, value, special) > (${after.at}, ${after.step}, ${after.value}, ${after.special})`,
    )
  }
  if (limit !== undefined) query = query.limit(limit)
  return query.execute()
}
