import { join } from 'node:path'
import fc from 'fast-check'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LakeColumn } from '../../ports/lake.ts'
import { createTemporaryData } from '../../testing/temporary-data.ts'
import { createProfiler } from './feature-profile.ts'
import { registerFeatureMetrics } from './metrics.ts'
import { createFeatureService } from './service.ts'

const numbers = (values: number[]): LakeColumn => ({
  name: 'x',
  kind: 'number',
  values: Float64Array.from(values),
})

test('a profile is the same however the rows are cut into parts', async () => {
  const value = fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constant(Number.NaN))
  await fc.assert(
    fc.asyncProperty(
      fc.array(value, { minLength: 1 }),
      fc.integer({ min: 1, max: 7 }),
      async (values, length) => {
        const [whole, cut] = [createProfiler(), createProfiler()]
        whole.add([numbers(values)], ['x'], values.length)
        for (let at = 0; at < values.length; at += length) {
          const part = values.slice(at, at + length)
          cut.add([numbers(part)], ['x'], part.length)
        }
        const [found] = await cut.finish(new Map())
        expect(found).toEqual((await whole.finish(new Map()))[0])
        const there = values.filter((one) => !Number.isNaN(one))
        expect(found).toMatchObject({
          rows: values.length,
          nulls: values.length - there.length,
          distinct: new Set(there).size,
          min: there.length === 0 ? null : Math.min(...there),
          max: there.length === 0 ? null : Math.max(...there),
        })
      },
    ),
  )
})

test('of many rows a sample in bounded memory tells what is different and where it lies', async () => {
  const profiler = createProfiler()
  const rows = 50_000
  for (let part = 0; part < 6; part++) {
    const all = numbers(Array.from({ length: rows }, (_, i) => part * rows + i))
    const few = numbers(Array.from({ length: rows }, (_, i) => (i * 31) % 7))
    profiler.add([all, few], ['all', 'few'], rows)
  }
  const [all, few] = await profiler.finish(new Map())
  expect(few.distinct).toBe(7)
  // Of values that all are different the estimator gives the geometric mean of the two extremes.
  expect(all.distinct).toBeGreaterThan(37_000)
  expect(all.quantiles?.map((one) => Math.round(one / 3000))).toEqual([5, 25, 50, 75, 95])
  expect(all.shape?.count).toBeLessThanOrEqual(40_000)
})

let embedded: Awaited<ReturnType<typeof createTemporaryData>>
beforeAll(async () => {
  embedded = await createTemporaryData()
})
afterAll(() => embedded.close())

test('each materialization is profiled, and what leaves its bounds is told', async () => {
  const { clock } = embedded
  const view = (watch?: object) => [
    {
      kind: 'dataset',
      name: 'sales',
      source: { format: 'parquet', path: 'sales.parquet' },
      schema: { at: 'timestamp', shop: 'int64', amount: 'float64', kind: 'string' },
      derived: {},
      timestamp: 'at',
      expectations: [],
    },
    { kind: 'entity', name: 'shop', key: { shop: 'int64' } },
    {
      kind: 'feature-view',
      name: 'newest',
      entity: 'shop',
      from: 'sales',
      timestamp: 'at',
      ttlMs: null,
      hopMs: 3_600_000,
      features: {
        amount: { type: 'float64', last: 'amount' },
        kind: { type: 'string', last: 'kind' },
        n: { type: 'int64', aggregate: 'count', windowMs: 24 * 3_600_000 },
      },
      ...(watch && { watch }),
    },
  ]
  await embedded.apply(view())
  const version = await embedded.definitions.version('feature-view', 'newest')
  await embedded.apply(view({ nulls: 0.4, drift: 0.3 }))
  // The bounds are no part of what the view means.
  expect(await embedded.definitions.version('feature-view', 'newest')).toBe(version)
  const features = createFeatureService(embedded)
  const write = async (amount: string) => {
    await embedded.lake.writeParquet(
      `SELECT make_timestamp(${clock.now() * 1000} - 7200000000) AS "at", i AS shop, (${amount})::DOUBLE AS amount,
         'k' || (i % 3) AS kind FROM range(300) r(i)`,
      join(embedded.dir, 'sales.parquet'),
    )
    await embedded.data.ingest({ dataset: 'sales' })
    await features.materialize({ view: 'newest', until: clock.now() })
    clock.advance(61_000)
  }
  const drifted = async () =>
    (await embedded.stream.read('audit', { limit: 100 })).filter(({ type }) => type === 'features.drifted')
  await write('i')
  const [first] = await features.listProfiles('newest', 1)
  expect(first.features.map(({ feature }) => feature)).toEqual(['n', 'amount', 'kind'])
  expect(first.features[1]).toMatchObject({
    ...{ rows: 300, nulls: 0, distinct: 300, min: 0, max: 299, mean: 149.5, drift: null },
    quantiles: [15, 75, 150, 225, 285],
  })
  expect(first.features[2]).toMatchObject({ distinct: 3, min: null, shape: { kind: 'categorical' } })
  await write('i + 1')
  expect(await drifted()).toEqual([])
  await write('CASE WHEN i % 2 = 0 THEN i * 10 END')
  expect((await drifted()).map(({ data }) => data)).toMatchObject([
    {
      view: 'newest',
      watch: { nulls: 0.4, drift: 0.3 },
      features: [{ feature: 'amount', nulls: 0.5, drift: expect.closeTo(3, -1) }],
    },
  ])
  expect(await features.listProfiles('newest', 50)).toHaveLength(3)
  // What is written counts, even if its profile cannot be kept; within a minute there is none.
  const warnings: object[] = []
  const append = () => Promise.reject(new Error('full'))
  const logger = { warn: (line: object) => warnings.push(line) } as never
  const failing = createFeatureService({ ...embedded, stream: { ...embedded.stream, append }, logger })
  for (const sinceMs of [0, 1000]) {
    const until = clock.now() + sinceMs
    expect(await failing.materialize({ view: 'newest', from: 0, until })).toMatchObject({ until })
    expect(warnings).toEqual([{ view: 'newest', error: 'full' }])
  }
  const registry = new Registry()
  registerFeatureMetrics(registry, { features, clock })
  const text = await registry.metrics()
  expect(text).toContain('millrace_feature_null_ratio{view="newest",feature="amount"} 0.5')
  expect(text).toMatch(/millrace_feature_drift\{view="newest",feature="kind"\} 0\n/)
})
