import { fail } from '@millrace/protocol'
import type { MetricSeries, MetricSeriesQuery, SeriesPixel } from './metric.ts'
import { longSeries, toBuckets } from './rollup-store.ts'
import type { Db, RollupRow } from './tables.ts'

/** How many points are read one by one at most, where buckets would be too coarse for what is asked. */
const mostPointsRead = 50_000
const mostPixels = 10_000

type Bucket = Omit<RollupRow, 'run_id' | 'key'>
interface Range {
  from: number
  to: number
}

/** See `metricSeries` of the service. */
export async function readSeries(db: Db, query: MetricSeriesQuery): Promise<MetricSeries> {
  const { run, key, pixels } = query
  checkQuery(query)
  const series = await db
    .selectFrom('run_latest_metrics')
    .select(['points', 'rollup_shift'])
    .where('run_id', '=', run)
    .where('key', '=', key)
    .executeTakeFirst()
  const found = { run, key, points: series?.points ?? 0 }
  if (!series) return { ...found, alignment: 1, pixels: [] }
  const { rollup_shift: shift } = series
  if (shift === null || series.points < longSeries) {
    const points = await readPoints(db, { run, key })
    return { ...found, alignment: 1, pixels: toPixels(toBuckets(points, 0), { width: 1, query }) }
  }
  const width = 2 ** shift
  const all = await readBuckets(db, { run, key })
  const buckets = all.filter(
    ({ bucket }) =>
      (bucket + 1) * width > (query.from ?? Number.NEGATIVE_INFINITY) &&
      bucket * width <= (query.to ?? Infinity),
  )
  const finer = buckets.length < pixels ? timesOf(all, buckets) : undefined
  if (finer) {
    const points = await readPoints(db, { run, key, ...finer })
    return { ...found, alignment: 1, pixels: toPixels(toBuckets(points, 0), { width: 1, query }) }
  }
  return { ...found, alignment: width, pixels: toPixels(buckets, { width, query }) }
}

/** The times that the points of some buckets lie in, unless they are those of too many other points, too. */
function timesOf(all: readonly Bucket[], buckets: readonly Bucket[]): Range | undefined {
  if (buckets.length === 0) return undefined
  const from = buckets.reduce((least, { first_at }) => Math.min(least, first_at), Infinity)
  const to = buckets.reduce((most, { last_at }) => Math.max(most, last_at), Number.NEGATIVE_INFINITY)
  let points = 0
  for (const bucket of all) if (bucket.first_at <= to && bucket.last_at >= from) points += bucket.points
  return points <= mostPointsRead ? { from, to } : undefined
}

function readPoints(db: Db, { run, key, from, to }: { run: string; key: string } & Partial<Range>) {
  let query = db
    .selectFrom('run_metrics')
    .select(['key', 'at', 'step', 'value', 'special'])
    .where('run_id', '=', run)
    .where('key', '=', key)
  if (from !== undefined) query = query.where('at', '>=', from)
  if (to !== undefined) query = query.where('at', '<=', to)
  return query.execute()
}

function readBuckets(db: Db, { run, key }: { run: string; key: string }): Promise<Bucket[]> {
  return db
    .selectFrom('metric_rollups')
    .selectAll()
    .where('run_id', '=', run)
    .where('key', '=', key)
    .orderBy('bucket')
    .execute()
}

/** Puts buckets of `width` steps together to parts of equal width, at most as many as asked for. */
function toPixels(
  buckets: readonly Bucket[],
  { width, query }: { width: number; query: MetricSeriesQuery },
): SeriesPixel[] {
  const { from = Number.NEGATIVE_INFINITY, to = Infinity } = query
  const inRange = buckets
    .filter(({ bucket }) => (bucket + 1) * width > from && bucket * width <= to)
    .sort((a, b) => a.bucket - b.bucket)
  if (inRange.length === 0) return []
  const first = Math.floor(Math.max(from, inRange[0].bucket * width) / width)
  const last = Math.floor(Math.min(to, (inRange[inRange.length - 1].bucket + 1) * width - 1) / width)
  const perPixel = Math.ceil((last - first + 1) / query.pixels)
  const pixels: SeriesPixel[] = []
  let sum = 0
  let finite = 0
  let current = -1
  for (const bucket of inRange) {
    const index = Math.floor((bucket.bucket - first) / perPixel)
    if (index !== current) {
      current = index
      sum = 0
      finite = 0
      const start = (first + index * perPixel) * width
      pixels.push(emptyPixel(start, start + perPixel * width - 1))
    }
    const pixel = pixels[pixels.length - 1]
    pixel.count += bucket.points
    pixel.nan += bucket.nan_points
    pixel.infinite += bucket.infinite_points
    pixel.negativeInfinite += bucket.negative_infinite_points
    if (bucket.finite_points === 0) continue
    sum += bucket.sum
    finite += bucket.finite_points
    pixel.min = Math.min(pixel.min ?? Infinity, bucket.min)
    pixel.max = Math.max(pixel.max ?? Number.NEGATIVE_INFINITY, bucket.max)
    pixel.mean = Math.min(pixel.max, Math.max(pixel.min, sum / finite))
  }
  return pixels
}

function emptyPixel(from: number, to: number): SeriesPixel {
  return { from, to, count: 0, min: null, max: null, mean: null, nan: 0, infinite: 0, negativeInfinite: 0 }
}

/** @throws `request.invalid` */
function checkQuery({ pixels, from, to }: MetricSeriesQuery): void {
  const refuse = (reason: string) => fail('request.invalid', { reason })
  if (!Number.isInteger(pixels) || pixels < 1 || pixels > mostPixels) {
    throw refuse(`pixels ${pixels} is not a whole number from 1 to ${mostPixels}`)
  }
  for (const step of [from, to]) {
    if (step !== undefined && !Number.isSafeInteger(step)) throw refuse(`step ${step} is not a whole number`)
  }
  if (from !== undefined && to !== undefined && from > to) throw refuse(`step from ${from} is after to ${to}`)
}
