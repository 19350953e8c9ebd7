import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTrackingImport } from './import/service.ts'
import type { Metric } from './metric.ts'
import type { PendingLimits } from './pending-metrics.ts'
import { createPurgeService } from './purge/purge-service.ts'
import { createTrackingSearch } from './search/service.ts'
import type { TrackingTables } from './tables.ts'
import { createTemporaryTracking } from './testing/temporary-tracking.ts'

const limits: PendingLimits = { series: 3, pointsOfRun: 30, points: 50 }

let stack: Awaited<ReturnType<typeof createTemporaryTracking>>
let tracking: typeof stack.tracking

beforeAll(async () => {
  stack = await createTemporaryTracking(limits)
  tracking = stack.tracking
})
afterAll(() => stack.close())

/** Points that are pending, of each batch. */
async function pendingOf(run: string): Promise<number[]> {
  const rows = await stack.db
    .tables<TrackingTables>()
    .selectFrom('pending_metrics')
    .select('points')
    .where('run_id', '=', run)
    .orderBy('id')
    .execute()
  return rows.map(({ points }) => points)
}

const wide = (count: number, at = 0): Metric[] =>
  Array.from({ length: count }, (_, i) => ({ key: `k${i}`, value: at, at, step: at }))

const keys = ['a', 'b', 'c', 'd', 'e']
const metric = fc.record({
  key: fc.constantFrom(...keys),
  value: fc.constantFrom(-2, 0, 0.5, 3, Number.NaN, Infinity, Number.NEGATIVE_INFINITY),
  at: fc.nat({ max: 3 }),
  step: fc.integer({ min: -3, max: 3 }),
})
const infinity = ({ value }: Metric) => (Number.isNaN(value) || Number.isFinite(value) ? 0 : Math.sign(value))
const finite = ({ value }: Metric) => (Number.isFinite(value) ? value : 0)
/** By step and time; then NaN is like 0, but behind it. */
const byStep = (a: Metric, b: Metric) =>
  a.step - b.step ||
  a.at - b.at ||
  infinity(a) - infinity(b) ||
  finite(a) - finite(b) ||
  Number(Number.isNaN(a.value)) - Number(Number.isNaN(b.value))
const identity = ({ at, step, value }: Metric) => `${at}/${step}/${value}`
const naiveSeries = (logged: readonly Metric[], key: string) => [
  ...new Map(logged.filter((m) => m.key === key).map((m) => [identity(m), m])).values(),
]

async function expectNaive(run: string, logged: readonly Metric[]): Promise<void> {
  const latest = new Map((await tracking.latestMetrics(run)).map((m) => [m.key, m]))
  expect([...latest.keys()]).toEqual([...new Set(logged.map(({ key }) => key))].sort())
  for (const key of latest.keys()) {
    const points = naiveSeries(logged, key)
    expect(latest.get(key)).toEqual({ ...points.toSorted(byStep).at(-1), points: points.length })
    const sorted = (items: readonly Metric[]) => items.map(identity).sort()
    const history = (await tracking.metricHistoryByTime({ run, key })).items
    expect(sorted(history)).toEqual(sorted(points))
    const { pixels } = await tracking.metricSeries({ run, key, pixels: 100 })
    expect(pixels.reduce((sum, { count }) => sum + count, 0)).toBe(points.length)
  }
}

describe('batches of many series', () => {
  it('read as if each point had been added at once, whoever reads and writes meanwhile', async () => {
    const reads: ((run: string) => Promise<unknown>)[] = [
      (run) => tracking.getRun(run),
      (run) => tracking.latestMetrics(run),
      (run) => tracking.metricHistory({ run, key: 'a' }),
      (run) => tracking.sampleMetric({ runs: [run], key: 'a', points: 3 }),
    ]
    let kept = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            metrics: fc.array(metric, { minLength: 1, maxLength: 12 }),
            read: fc.constantFrom(undefined, ...reads),
            waits: fc.boolean(),
          }),
          { minLength: 1, maxLength: 12 },
        ),
        async (batches) => {
          const run = await stack.newRun()
          const running: Promise<unknown>[] = []
          for (const { metrics, read, waits } of batches) {
            running.push(tracking.logBatch({ run, metrics }))
            if (read) running.push(read(run))
            if (waits) await Promise.all(running)
          }
          await Promise.all(running)
          kept += (await pendingOf(run)).length
          await expectNaive(
            run,
            batches.flatMap(({ metrics }) => metrics),
          )
          expect(await pendingOf(run)).toEqual([])
        },
      ),
      { numRuns: 25 },
    )
    expect(kept).toBeGreaterThan(0)
  })

  it('shows a reader every batch that was acknowledged before, also while others apply', async () => {
    const run = await stack.newRun()
    for (let i = 0; i < 20; i++) {
      await tracking.logBatch({ run, metrics: wide(5, i) })
      const seen = await Promise.all([1, 2, 3].map(() => tracking.latestMetrics(run)))
      for (const metrics of seen) expect(metrics.map(({ points }) => points)).toEqual(Array(5).fill(i + 1))
    }
  })

  it('are kept until there are too many of the run or of all, or somebody reads', async () => {
    const [run, other, narrow] = [await stack.newRun(), await stack.newRun(), await stack.newRun()]
    await tracking.logBatch({ run: narrow, metrics: wide(2) })
    expect(await pendingOf(narrow)).toEqual([])
    for (let i = 0; i < 4; i++) await tracking.logBatch({ run, metrics: wide(10, i) })
    // The fourth found 30 points.
    expect(await pendingOf(run)).toEqual([10])
    for (let i = 0; i < 2; i++) await tracking.logBatch({ run: other, metrics: wide(20, i) })
    expect(await pendingOf(other)).toEqual([20, 20])
    await tracking.logBatch({ run, metrics: wide(3, 9) })
    // That found 50 points of both; the other run had more of them.
    expect([await pendingOf(run), await pendingOf(other)]).toEqual([[10, 3], []])
    await tracking.logBatch({ run: other, metrics: wide(30, 5) })
    expect(await pendingOf(other)).toEqual([])
    await tracking.getRun(run)
    expect(await pendingOf(run)).toEqual([])
  })

  it('are seen by whoever reads first', async () => {
    const search = createTrackingSearch(stack)
    const imports = createTrackingImport(stack)
    const experiment = 'read'
    // The step, or the value, of the only point of k1.
    const readers: Record<string, (run: string) => Promise<unknown>> = {
      run: async (run) => (await tracking.getRun(run)).metrics[1].step,
      latest: async (run) => (await tracking.latestMetrics(run))[1].step,
      history: async (run) => (await tracking.metricHistory({ run, key: 'k1' })).items[0].step,
      byTime: async (run) => (await tracking.metricHistoryByTime({ run, key: 'k1' })).items[0].step,
      series: async (run) => (await tracking.metricSeries({ run, key: 'k1', pixels: 1 })).pixels[0].from,
      sample: async (run) => (await tracking.sampleMetric({ runs: [run], key: 'k1', points: 1 }))[0].step,
      compared: async (run) => (await tracking.compareRuns([run])).metrics[1].values[0],
      exported: async (run) => (await imports.listRunMetrics(run)).items[1].step,
      filtered: async () => (await search.searchRuns({ filter: 'metrics.k1 = 7' })).items[0].metrics[1].step,
      listed: async () => (await search.searchRuns({})).items[0].metrics[1].step,
    }
    for (const [name, read] of Object.entries(readers)) {
      stack.clock.advance(1)
      const run = await stack.newRun(experiment)
      await tracking.logBatch({ run, metrics: wide(4, 7) })
      expect(await pendingOf(run), name).toEqual([4])
      expect(await read(run), name).toBe(7)
      // The next search must not find this run instead of its own.
      await stack.db.tables<TrackingTables>().deleteFrom('run_latest_metrics').execute()
    }
    const run = await stack.newRun(experiment)
    await tracking.logBatch({ run, metrics: wide(4, 7) })
    const { experimentId } = await tracking.getRunInfo(run)
    await expect(
      search.parameterImportance({ experiment: experimentId, metric: 'k1' }),
    ).rejects.toMatchObject({ message: expect.stringMatching(/\b1 active runs/) })
  })

  it('are gone when their run is purged', async () => {
    const tables = stack.db.tables<TrackingTables>()
    const run = await stack.newRun()
    await tracking.logBatch({ run, metrics: wide(5) })
    await tables.deleteFrom('runs').where('id', '=', run).execute()
    await tracking.latestMetrics(run)
    expect(await pendingOf(run)).toEqual([])
    expect(await tables.selectFrom('run_metrics').selectAll().where('run_id', '=', run).execute()).toEqual([])

    const later = await stack.newRun()
    await tracking.logBatch({ run: later, metrics: wide(5) })
    const { artifactUri, experimentId: experiment } = await tracking.getRunInfo(later)
    const purge = { kind: 'run' as const, id: later, artifactUri, experiment }
    await createPurgeService(stack).finish(purge)
    expect(await pendingOf(later)).toEqual([])
  })
})
