import { describe, expect, it } from 'vitest'
import * as api from '../index.ts'
import flightsProject, { airport, calendar, delayFeatures, flights, type late } from '../testing/flights.ts'

const { aggregate, compileProject, findFunction, project, t } = api
const bundle = 'a'.repeat(64)

function compiled(kind: string, name: string) {
  const { definitions } = compileProject(flightsProject, { bundle })
  return definitions.find((one) => one.kind === kind && one.name === name)
}

describe('compileProject', () => {
  it('takes along what the definitions build on, once, in an order in which each is known before it is used', () => {
    const names = compileProject(flightsProject, { bundle }).definitions.map((d) => `${d.kind}/${d.name}`)
    expect(names.toSorted()).toEqual([
      'dataset/flights',
      'endpoint/late',
      'entity/airport',
      'feature-service/delay_features',
      'feature-view/airport_delays',
      'monitor/watch',
      'on-demand-view/calendar',
      'pipeline/retraining',
      'training-set/late_flights',
    ])
    expect(names.indexOf('dataset/flights')).toBeLessThan(names.indexOf('feature-view/airport_delays'))
    expect(names.at(-1)).toBe('monitor/watch')
  })

  it('gives plain JSON', () => {
    const { definitions } = compileProject(flightsProject, { bundle })
    for (const definition of definitions) {
      expect(JSON.parse(JSON.stringify(definition))).toEqual(definition)
    }
  })

  it('compiles a dataset with its rules', () => {
    expect(compiled('dataset', 'flights')).toMatchObject({
      source: { format: 'parquet', path: 'data/flights.parquet' },
      derived: { departed: { type: 'timestamp', sql: 'date + to_minutes(greatest(delay, 0))' } },
      expectations: [
        { type: 'expect_column_values_to_not_be_null', kwargs: { column: 'origin' }, severity: 'stop' },
        { type: 'expect_column_values_to_match_regex', kwargs: { regex: '^[A-Z]{3}$' } },
        { kwargs: { min_value: -120, max_value: 2000, mostly: 0.999 }, severity: 'warn' },
        { type: 'expect_table_row_count_to_be_between', kwargs: { min_value: 1000 } },
      ],
    })
  })

  it('compiles a feature view in milliseconds', () => {
    expect(compiled('feature-view', 'airport_delays')).toMatchObject({
      timestamp: 'departed',
      ttlMs: 2_592_000_000,
      hopMs: 3_600_000,
      features: {
        mean_delay_24h: { type: 'float64', aggregate: 'mean', sql: '"delay"', windowMs: 86_400_000 },
        departures_1h: { type: 'int64', aggregate: 'count', windowMs: 3_600_000 },
        late_share_3h: { type: 'float64', aggregate: 'mean', sql: 'delay > 15', windowMs: 10_800_000 },
        newest_distance: { type: 'int64', last: 'distance' },
      },
    })
  })

  it('compiles what a monitor does to offsets from the end of its window', () => {
    expect(compiled('monitor', 'watch')).toMatchObject({
      windowMs: 86_400_000,
      drift: { alpha: 0.01, minEffect: 0.15, minRows: 200, windows: 7 },
      retrain: {
        pipeline: 'retraining',
        cooldownMs: 604_800_000,
        params: {
          from: { offsetMs: -7_776_000_000 },
          split: { offsetMs: -1_209_600_000 },
          until: { offsetMs: 0 },
        },
      },
    })
  })

  it('resolves the paths of sources if it is told how', () => {
    const { definitions } = compileProject(flightsProject, {
      bundle,
      resolvePath: (path) => `/project/${path}`,
    })
    expect(definitions.find((d) => d.kind === 'dataset')).toMatchObject({
      source: { path: '/project/data/flights.parquet' },
    })
  })

  it('needs the digest of the bundle if the project has code', () => {
    expect(api.hasCode(flightsProject)).toBe(true)
    expect(() => compileProject(flightsProject)).toThrow('on-demand view "calendar" has code')
    expect(compileProject(project({ name: 'x', definitions: [flights] })).definitions).toHaveLength(1)
  })
})

describe('findFunction', () => {
  it('finds what views and steps run', async () => {
    const compute = findFunction(flightsProject, 'on-demand-view', 'calendar') as (row: unknown) => unknown
    expect(compute({ date: new Date('2001-01-07T13:00:00Z') })).toEqual({ hour: 13, weekday: 0 })
    expect(findFunction(flightsProject, 'step', 'calendar')).toBeUndefined()
  })

  it('gives a step times as dates and takes them back as milliseconds', async () => {
    const tomorrow = api.step('tomorrow', {
      inputs: { at: t.timestamp() },
      outputs: { next: t.timestamp() },
      run: ({ at }) => ({ next: new Date(at.getTime() + 86_400_000) }),
    })
    const days = api.pipeline('days', { params: {} }, () => {
      tomorrow({ at: new Date(0) })
    })
    const run = findFunction(project({ name: 'x', definitions: [days] }), 'step', 'tomorrow') as (
      inputs: unknown,
    ) => Promise<unknown>
    expect(await run({ at: 0 })).toEqual({ next: 86_400_000 })
  })

  it('refuses a step result without one of its outputs', async () => {
    const empty = api.step('empty', {
      inputs: {},
      outputs: { n: t.int64() },
      run: () => ({}) as { n: number },
    })
    const run = api.pipeline('p', { params: {} }, () => {
      empty({})
    }).functions[0]?.run as (inputs: unknown) => Promise<unknown>
    await expect(run({})).rejects.toThrow('step "empty" returned no output "n"')
  })
})

describe('wrong definitions', () => {
  const view = { entity: airport, from: flights }
  const service = { timestamp: 'date' } as const
  it.each<[string, () => unknown, string]>([
    [
      'a bad name',
      () => api.entity('1x', { key: { a: t.string() } }),
      'entity "1x": a name begins with a letter',
    ],
    [
      'a bad column',
      () => api.entity('x', { key: { 'a-b': t.string() } }),
      'entity "x": "a-b" cannot be a column name',
    ],
    ['an empty key', () => api.entity('x', { key: {} }), 'entity "x": the key needs'],
    [
      'a bad ttl',
      () => api.featureView('x', { ...view, ttl: '0d', features: () => ({ n: aggregate.count('1h') }) }),
      'feature view "x": ttl: "0d" must be longer than zero',
    ],
    [
      'a window between hops',
      () => api.featureView('x', { ...view, every: '1h', features: () => ({ n: aggregate.count('90m') }) }),
      'feature view "x": feature "n": the window "90m" is not a multiple',
    ],
    [
      'a misspelt column in plain JavaScript',
      () =>
        api.featureView('x', {
          ...view,
          features: (f) => ({ n: api.last((f as never as typeof f & { dely: never }).dely) }),
        }),
      'dataset "flights" has no column "dely"; it has date, delay',
    ],
    [
      'a feature from two places',
      () => api.featureService('x', [calendar], { ...service, request: { hour: t.int64() } }),
      'feature service "x": "hour" comes from both the request and "calendar"',
    ],
    [
      'a share of reads that is none',
      () => api.featureService('x', [calendar], { timestamp: 'at', logReads: 2 }),
      'feature service "x": logReads must be a share from 0 to 1, got 2',
    ],
    [
      'an input of another type',
      () => api.featureService('x', [calendar], { timestamp: 'at', request: { date: t.string() } }),
      'feature service "x": "calendar" needs "date" as timestamp, but it is string',
    ],
    [
      'a label named like a feature',
      () =>
        api.trainingSet('x', {
          spine: flights,
          service: delayFeatures,
          label: api.label('hour', t.int64(), 'delay'),
        }),
      'training set "x": the label "hour" is the name of a feature',
    ],
    [
      'canary steps that do not ascend',
      () => api.endpoint('x', { model: 'm', service: delayFeatures, canary: { steps: [50, 10, 100] } }),
      'endpoint "x": canary steps must ascend',
    ],
    [
      'two definitions of one name',
      () => project({ name: 'x', definitions: [airport, api.entity('airport', { key: { a: t.string() } })] }),
      'project "x": there are two definitions of entity "airport"',
    ],
    [
      'something that is no definition',
      () => project({ name: 'x', definitions: [{ kind: 'endpoint' } as unknown as typeof late] }),
      'project "x": definitions has something',
    ],
    [
      'a bad share',
      () => api.expect({ name: 'a', type: 'int64' }).notToBeNull().mostly(99),
      'mostly must be',
    ],
    ['a range without ends', () => api.expect.rowCount({}), 'row count: give a minimum'],
    ['a look-around', () => api.expect({ name: 'a', type: 'string' }).toMatch(/(?=a)/), 'uses look-around'],
  ])('refuses %s', (_what, define, message) => {
    expect(define).toThrow(TypeError)
    expect(define).toThrow(message)
  })
})
