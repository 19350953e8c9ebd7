import { sql } from 'kysely'
import type { Database, ManyRows } from '../../ports/database.ts'
import type { Db, MetricRow, RollupRow } from './tables.ts'

/** From this many points on a series has rollups. */
export const longSeries = 4096
/** How many points a bucket holds on average when the rollups are made. */
const pointsPerBucket = 256
/** What counts in a sum at most, so that no sum of any number of values overflows. */
const largestInSum = 1e290

type Bucket = Omit<RollupRow, 'run_id' | 'key'>
type Point = Omit<MetricRow, 'run_id'>

const either = (column: 'min' | 'max', comparison: '<' | '>') =>
  `case when metric_rollups.finite_points = 0 then excluded.${column} ` +
  `when excluded.finite_points > 0 and excluded.${column} ${comparison} metric_rollups.${column} ` +
  `then excluded.${column} else metric_rollups.${column} end`
const total = (column: string) => `metric_rollups.${column} + excluded.${column}`
const outer = (column: string, comparison: '<' | '>') =>
  `case when excluded.${column} ${comparison} metric_rollups.${column} then excluded.${column} ` +
  `else metric_rollups.${column} end`

const rollups = {
  table: 'metric_rollups',
  columns: {
    run_id: 'text',
    key: 'text',
    bucket: 'bigint',
    points: 'bigint',
    finite_points: 'bigint',
    nan_points: 'bigint',
    infinite_points: 'bigint',
    negative_infinite_points: 'bigint',
    min: 'double precision',
    max: 'double precision',
    sum: 'double precision',
    first_at: 'bigint',
    last_at: 'bigint',
  },
  key: ['run_id', 'key', 'bucket'],
  update: {
    points: total('points'),
    finite_points: total('finite_points'),
    nan_points: total('nan_points'),
    infinite_points: total('infinite_points'),
    negative_infinite_points: total('negative_infinite_points'),
    min: either('min', '<'),
    max: either('max', '>'),
    sum: total('sum'),
    first_at: outer('first_at', '<'),
    last_at: outer('last_at', '>'),
  },
} as const satisfies Omit<ManyRows, 'rows'>

/** Brings the rollups of these long series up to date with the points that were just added, making them if need be. */
export async function addToRollups(
  db: Database,
  trx: Db,
  run: string,
  series: readonly { key: string; points: number; rollup_shift: number | null }[],
  added: readonly Point[],
): Promise<void> {
  const pointsOf = Map.groupBy(added, ({ key }) => key)
  const rows: ManyRows['rows'][number][] = []
  for (const { key, points, rollup_shift: shift } of series) {
    const own = pointsOf.get(key) ?? []
    if (shift === null || (await isTooFine(trx, { run, key, points, added: own.length }))) {
      await makeRollups(trx, run, key)
      continue
    }
    for (const bucket of toBuckets(own, shift)) {
      rows.push([run, key, ...bucketColumns.map((column) => bucket[column])])
    }
  }
  rows.sort(byKeyAndBucket)
  await db.insertMany(trx, { ...rollups, rows })
}

const bucketColumns = Object.keys(rollups.columns).slice(2) as (keyof Bucket)[]

function byKeyAndBucket(a: ManyRows['rows'][number], b: ManyRows['rows'][number]): number {
  return a[1] === b[1] ? Number(a[2]) - Number(b[2]) : String(a[1]) < String(b[1]) ? -1 : 1
}

/**
 * Whether the steps of a series have spread so much that its buckets hold few points. Asked whenever the series has grown
 * fourfold, so that making them anew costs little for each point.
 */
async function isTooFine(
  trx: Db,
  { run, key, points, added }: { run: string; key: string; points: number; added: number },
): Promise<boolean> {
  const grown = (count: number) => Math.floor(Math.log2(Math.max(1, count)) / 2)
  if (grown(points) === grown(points - added)) return false
  const { buckets } = await trx
    .selectFrom('metric_rollups')
    .select((e) => e.fn.countAll<number>().as('buckets'))
    .where('run_id', '=', run)
    .where('key', '=', key)
    .executeTakeFirstOrThrow()
  return buckets > (8 * points) / pointsPerBucket
}

/** Aggregates all points of a series in the database, once, and notes the width of its buckets. */
async function makeRollups(trx: Db, run: string, key: string): Promise<void> {
  const { first, last, count } = await trx
    .selectFrom('run_metrics')
    .select((e) => [
      e.fn.min('step').as('first'),
      e.fn.max('step').as('last'),
      e.fn.countAll<number>().as('count'),
    ])
    .where('run_id', '=', run)
    .where('key', '=', key)
    .executeTakeFirstOrThrow()
  const shift = shiftFor({ first, last, count })
  await trx.deleteFrom('metric_rollups').where('run_id', '=', run).where('key', '=', key).execute()
  const limit = sql.lit(largestInSum)
  const finite = sql`case when special = '' then 1 else 0 end`
  const special = (name: string) => sql`sum(case when special = ${sql.lit(name)} then 1 else 0 end)`
  await sql`insert into metric_rollups (run_id, key, ${sql.join(bucketColumns.map((name) => sql.ref(name)))})
    select run_id, key, step >> ${sql.lit(shift)} as bucket, count(*), sum(${finite}), ${special('NaN')},
      ${special('Infinity')}, ${special('-Infinity')},
      coalesce(min(case when special = '' then value end), 0),
      coalesce(max(case when special = '' then value end), 0),
      sum(case when value > ${limit} then ${limit} when value < -${limit} then -${limit} else value end),
      min(at), max(at)
    from run_metrics where run_id = ${run} and key = ${key}
    group by run_id, key, step >> ${sql.lit(shift)}`.execute(trx)
  await trx
    .updateTable('run_latest_metrics')
    .set({ rollup_shift: shift })
    .where('run_id', '=', run)
    .where('key', '=', key)
    .execute()
}

/** Buckets of a power of two of steps, so that one holds about {@link pointsPerBucket} of evenly spread points. */
function shiftFor({ first, last, count }: { first: number; last: number; count: number }): number {
  const steps = (last - first + 1) / Math.max(1, count / pointsPerBucket)
  return Math.max(0, Math.ceil(Math.log2(steps)))
}

export function toBuckets(points: readonly Point[], shift: number): Bucket[] {
  const width = 2 ** shift
  const buckets = new Map<number, Bucket>()
  for (const { step, at, value, special } of points) {
    const bucket = Math.floor(step / width)
    const known = buckets.get(bucket) ?? emptyBucket(bucket, at)
    buckets.set(bucket, known)
    known.points++
    known.first_at = Math.min(known.first_at, at)
    known.last_at = Math.max(known.last_at, at)
    if (special === 'NaN') known.nan_points++
    else if (special === 'Infinity') known.infinite_points++
    else if (special === '-Infinity') known.negative_infinite_points++
    else {
      known.min = known.finite_points === 0 ? value : Math.min(known.min, value)
      known.max = known.finite_points === 0 ? value : Math.max(known.max, value)
      known.sum += Math.max(-largestInSum, Math.min(largestInSum, value))
      known.finite_points++
    }
  }
  return [...buckets.values()]
}

function emptyBucket(bucket: number, at: number): Bucket {
  const none = { points: 0, finite_points: 0, nan_points: 0, infinite_points: 0, negative_infinite_points: 0 }
  return { bucket, ...none, min: 0, max: 0, sum: 0, first_at: at, last_at: at }
}
