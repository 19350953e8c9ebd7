import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Metric, SeriesPixel } from './metric.ts'
import { choosePlaces } from './sample.ts'
import type { TrackingTables } from './tables.ts'
import { createTemporaryTracking } from './testing/temporary-tracking.ts'

let stack: Awaited<ReturnType<typeof createTemporaryTracking>>
let tracking: typeof stack.tracking

beforeAll(async () => {
  stack = await createTemporaryTracking()
  tracking = stack.tracking
})
afterAll(() => stack.close())

const code = (wanted: string) => expect.objectContaining({ code: wanted })

/** What a pixel must hold, by looking at every point. */
function naive(points: readonly Metric[], { from, to }: SeriesPixel) {
  const inside = points.filter(({ step }) => step >= from && step <= to).map(({ value }) => value)
  const finite = inside.filter(Number.isFinite)
  return {
    count: inside.length,
    min: finite.length === 0 ? null : Math.min(...finite),
    max: finite.length === 0 ? null : Math.max(...finite),
    nan: inside.filter(Number.isNaN).length,
    infinite: inside.filter((value) => value === Number.POSITIVE_INFINITY).length,
    negativeInfinite: inside.filter((value) => value === Number.NEGATIVE_INFINITY).length,
  }
}

async function expectFaithful(run: string, logged: readonly Metric[], pixels: number) {
  const points = [...new Map(logged.map((m) => [`${m.step}/${m.at}/${m.value}`, m])).values()]
  const series = await tracking.metricSeries({ run, key: 'm', pixels })
  expect(series.points).toBe(points.length)
  expect(series.pixels.length).toBeLessThanOrEqual(pixels)
  expect(series.pixels.reduce((sum, { count }) => sum + count, 0)).toBe(points.length)
  for (const pixel of series.pixels) {
    expect(pixel).toMatchObject(naive(points, pixel))
    expect(pixel.from % series.alignment === 0 || pixel.from % series.alignment === 0).toBe(true)
    if (pixel.min === null || pixel.max === null) expect(pixel.mean).toBeNull()
    else {
      expect(pixel.mean).toBeGreaterThanOrEqual(pixel.min)
      expect(pixel.mean).toBeLessThanOrEqual(pixel.max)
    }
  }
  return series
}

const value = fc.oneof(
  { weight: 6, arbitrary: fc.double({ noNaN: true, min: -1e6, max: 1e6 }).map((number) => number + 0) },
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1.7e308, -1.7e308, 5e-324),
)
const metric = (spread: number) =>
  fc.record({
    key: fc.constant('m'),
    value,
    at: fc.nat({ max: 1000 }),
    step: fc.integer({ min: -spread, max: spread }),
  })

describe('metricSeries', () => {
  it('is what looking at every point would give, for short series in any order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(metric(50), { minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 60 }),
        async (batches, pixels) => {
          const run = await stack.newRun()
          for (const metrics of batches) await tracking.logBatch({ run, metrics })
          const series = await expectFaithful(run, batches.flat(), pixels)
          expect(series.alignment).toBe(1)
        },
      ),
      { numRuns: 40 },
    )
  })

  it('is the same for long series, whose points come out of order, twice and as NaN', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(10, 3000, 1_000_000, 2 ** 45),
        fc.nat(),
        fc.array(fc.array(metric(4000), { minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 40 }),
        async (spread, seed, later, pixels) => {
          const base = Array.from({ length: 5000 }, (_, i): Metric => {
            const step = (((seed + i * 48_271) * 69_621) % (2 * spread)) - spread
            return { key: 'm', value: i % 17 === 0 ? Number.NaN : ((step * 7919) % 1000) + 0, at: i, step }
          })
          const run = await stack.newRun()
          for (const metrics of [base.slice(0, 4000), base.slice(3500), ...later, base.slice(100, 200)]) {
            await tracking.logBatch({ run, metrics })
          }
          await expectFaithful(run, [...base, ...later.flat()], pixels)
        },
      ),
      { numRuns: 12 },
    )
  })

  it('reads points one by one where buckets would be too coarse', async () => {
    const run = await stack.newRun()
    const metrics = Array.from({ length: 60_000 }, (_, i) => ({ key: 'm', value: i, at: i, step: i }))
    for (let i = 0; i < metrics.length; i += 10_000) {
      await tracking.logBatch({ run, metrics: metrics.slice(i, i + 10_000) })
    }
    const whole = await tracking.metricSeries({ run, key: 'm', pixels: 50 })
    expect(whole.alignment).toBeGreaterThan(1)
    const near = await tracking.metricSeries({ run, key: 'm', pixels: 500, from: 1000, to: 1099 })
    expect(near).toMatchObject({ points: 60_000, alignment: 1 })
    expect(near.pixels).toHaveLength(100)
    expect(near.pixels[7]).toMatchObject({ from: 1007, to: 1007, count: 1, min: 1007, max: 1007, mean: 1007 })
    const beyond = await tracking.metricSeries({ run, key: 'm', pixels: 5, from: 100_000 })
    expect(beyond.pixels).toEqual([])
  })

  it('makes its buckets wider when steps spread out', async () => {
    const run = await stack.newRun()
    const steps = [
      ...Array.from({ length: 5000 }, (_, i) => i),
      ...Array.from({ length: 15_000 }, (_, i) => 5000 + i * 1000),
    ]
    const metrics = steps.map((step, i) => ({ key: 'm', value: i, at: i, step }))
    for (let i = 0; i < metrics.length; i += 5000) {
      await tracking.logBatch({ run, metrics: metrics.slice(i, i + 5000) })
    }
    const buckets = await stack.db
      .tables<TrackingTables>()
      .selectFrom('metric_rollups')
      .select('points')
      .where('run_id', '=', run)
      .execute()
    expect(buckets.length).toBeLessThan(5000)
    await expectFaithful(run, metrics, 20)
  })

  it('is empty for a metric that was never logged, and refuses nonsense', async () => {
    const run = await stack.newRun()
    const query = { run, key: 'none', pixels: 10 }
    expect(await tracking.metricSeries(query)).toMatchObject({ points: 0, pixels: [] })
    await expect(tracking.metricSeries({ ...query, run: 'none' })).rejects.toEqual(code('run.not_found'))
    for (const bad of [{ pixels: 0 }, { pixels: 0.5 }, { from: 2, to: 1 }, { from: 0.5 }]) {
      await expect(tracking.metricSeries({ ...query, ...bad })).rejects.toEqual(code('request.invalid'))
    }
  })
})

describe('metricHistoryByTime', () => {
  it('pages through what was there, whatever is logged meanwhile', async () => {
    const run = await stack.newRun()
    const points = [5, 1, 3, 3, 2].map((at, i) => ({
      key: 'm',
      value: i === 3 ? Number.NaN : i,
      at,
      step: i,
    }))
    await tracking.logBatch({ run, metrics: points })
    const sorted = [...points].sort((a, b) => a.at - b.at || a.step - b.step)
    const first = await tracking.metricHistoryByTime({ run, key: 'm' }, { limit: 2 })
    expect(first.items).toEqual(sorted.slice(0, 2))
    await tracking.logBatch({ run, metrics: [{ key: 'm', value: 9, at: 0, step: 0 }] })
    const second = await tracking.metricHistoryByTime(
      { run, key: 'm' },
      { limit: 3, pageToken: first.nextPageToken },
    )
    expect(second).toEqual({ items: sorted.slice(2) })
    expect((await tracking.metricHistoryByTime({ run, key: 'm' })).items).toHaveLength(6)
    expect(await tracking.metricHistoryByTime({ run: 'none', key: 'm' })).toEqual({ items: [] })
    for (const pageToken of ['x', '', 'WzFd', 'bnVsbA']) {
      const page = tracking.metricHistoryByTime({ run, key: 'm' }, { limit: 1, pageToken })
      await expect(page).rejects.toEqual(code('request.invalid'))
    }
  })
})

describe('sampleMetric', () => {
  it('chooses points at even distances and the last one, of each run for itself', async () => {
    const [a, b] = [await stack.newRun(), await stack.newRun()]
    const points = (from: number, count: number) =>
      Array.from({ length: count }, (_, i) => ({ key: 'm', value: i, at: i, step: from + i }))
    await tracking.logBatch({ run: a, metrics: points(0, 100) })
    await tracking.logBatch({ run: b, metrics: points(33, 3) })
    const sampled = await tracking.sampleMetric({ runs: [b, a, b], key: 'm', points: 4 })
    const stepsOf = (run: string) => sampled.filter((point) => point.run === run).map(({ step }) => step)
    expect(stepsOf(a)).toEqual([0, 25, 50, 99])
    expect(stepsOf(b)).toEqual([33, 34, 35])
    expect(sampled[0].run).toBe(b)
    const some = await tracking.sampleMetric({ runs: [a], key: 'm', points: 100, from: 10, to: 12 })
    expect(some.map(({ step }) => step)).toEqual([10, 11, 12])
    expect(await tracking.sampleMetric({ runs: [], key: 'm', points: 1 })).toEqual([])
    expect(await tracking.sampleMetric({ runs: [a], key: 'none', points: 5 })).toEqual([])
  })

  it('takes as many as are asked for, each once, in order', () => {
    expect(choosePlaces(3, 3)).toEqual([1, 2, 3])
    expect(choosePlaces(5, 1)).toEqual([5])
    expect(choosePlaces(10, 4)).toEqual([1, 4, 7, 10])
    expect(choosePlaces(0, 4)).toEqual([])
    fc.assert(
      fc.property(fc.nat(500), fc.integer({ min: 1, max: 100 }), (count, points) => {
        const places = choosePlaces(count, points)
        expect(places).toHaveLength(Math.min(count, points))
        expect(places.toSorted((x, y) => x - y)).toEqual([...new Set(places)])
        if (count > 0) expect(places.at(-1)).toBe(count)
      }),
    )
  })
})
