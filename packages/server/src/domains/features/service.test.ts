import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTemporaryData } from '../../testing/temporary-data.ts'
import type { DatasetVersion } from '../data/index.ts'
import { createFeatureService, type FeatureService } from './service.ts'

const hour = 3_600_000
const start = Date.UTC(2001, 0, 1)

const flights = {
  kind: 'dataset',
  name: 'flights',
  source: { format: 'parquet', path: 'flights.parquet' },
  schema: { date: 'timestamp', delay: 'int64', distance: 'int64', origin: 'string' },
  derived: { landed: { type: 'timestamp', sql: 'date + INTERVAL 30 MINUTE' } },
  timestamp: 'date',
  expectations: [],
}
const airport = { kind: 'entity', name: 'airport', key: { origin: 'string' } }
const delays = {
  kind: 'feature-view',
  name: 'airport_delays',
  entity: 'airport',
  from: 'flights',
  timestamp: 'landed',
  ttlMs: 48 * hour,
  hopMs: hour,
  features: {
    avg_delay_6h: { type: 'float64', aggregate: 'mean', sql: 'delay', windowMs: 6 * hour },
    departures_1h: { type: 'int64', aggregate: 'count', windowMs: hour },
    last_distance: { type: 'int64', last: 'distance' },
  },
}
const bundle = `export function findFunction(kind, name) {
  if (kind === 'on-demand-view' && name === 'calendar')
    return ({ date, departures_1h }) => ({ hour: date.getUTCHours(), busy: departures_1h > 2, part: date.getUTCHours() < 12 ? 'am' : 'pm' })
}`
const service = {
  kind: 'feature-service',
  name: 'delay_features',
  featureViews: ['airport_delays'],
  onDemandViews: ['calendar'],
  request: { distance: 'int64', origin: 'string' },
  timestamp: 'date',
}
const set = {
  kind: 'training-set',
  name: 'late_flights',
  spine: 'flights',
  service: 'delay_features',
  label: { name: 'late', type: 'boolean', sql: 'delay > 15' },
}
const unlabelled = { kind: 'training-set', name: 'all_flights', spine: 'flights', service: 'delay_features' }

let embedded: Awaited<ReturnType<typeof createTemporaryData>>
let features: FeatureService
let version: DatasetVersion

beforeAll(async () => {
  embedded = await createTemporaryData()
  const { dir, lake, data, definitions, content } = embedded
  features = createFeatureService(embedded)
  const digest = createHash('sha256').update(bundle).digest('hex')
  const calendar = {
    kind: 'on-demand-view',
    name: 'calendar',
    input: { date: 'timestamp', departures_1h: 'int64' },
    features: { hour: 'int64', busy: 'boolean', part: 'string' },
    code: { bundle: digest },
  }
  await definitions.apply({
    project: 'test',
    definitions: [flights, airport, delays, calendar, service, set, unlabelled],
    bundle,
    dryRun: false,
    allowDestroy: false,
  })
  expect(await content.has(digest)).toBe(true)
  await lake.writeParquet(
    `SELECT make_timestamp(${start * 1000} + (i * 7919 % 10000) * 60000000) AS date, (i * 31 % 90) - 20 AS delay,
       200 + i % 40 AS distance, 'A' || (i * i % 7) AS origin FROM range(5000) r(i)`,
    join(dir, 'flights.parquet'),
  )
  version = await data.ingest({ dataset: 'flights' })
})
afterAll(() => embedded.close())

const build = (from: number, until: number, name = 'late_flights') =>
  features.buildTrainingSet({
    name,
    version,
    from: start + from * hour,
    until: start + until * hour,
  })

test('a training set has its columns in order, their roles, and all rows of the interval', async () => {
  const built = await build(24, 72)
  expect(built.manifest.columns).toEqual([
    { name: 'date', type: 'timestamp', role: 'timestamp' },
    { name: 'distance', type: 'int64', role: 'request' },
    { name: 'origin', type: 'string', role: 'request' },
    { name: 'avg_delay_6h', type: 'float64', role: 'feature' },
    { name: 'departures_1h', type: 'int64', role: 'feature' },
    { name: 'last_distance', type: 'int64', role: 'feature' },
    { name: 'hour', type: 'int64', role: 'feature' },
    { name: 'busy', type: 'boolean', role: 'feature' },
    { name: 'part', type: 'string', role: 'feature' },
    { name: 'late', type: 'boolean', role: 'label' },
  ])
  expect(built.manifest.features).toEqual(
    built.manifest.columns.filter((c) => c.role === 'request' || c.role === 'feature').map((c) => c.name),
  )
  expect(built.manifest).toMatchObject({
    label: 'late',
    timestamp: 'date',
    datasets: [{ dataset: 'flights', version: version.version }],
  })
  expect(Object.keys(built.manifest.definitions).sort()).toEqual([
    'dataset/flights',
    'entity/airport',
    'feature-service/delay_features',
    'feature-view/airport_delays',
    'on-demand-view/calendar',
    'training-set/late_flights',
  ])
  const [{ n }] = await embedded.lake.rows<{ n: number }>(
    `SELECT count(*) AS n FROM ${await embedded.data.relation(version)}
     WHERE date >= make_timestamp(${(start + 24 * hour) * 1000}) AND date < make_timestamp(${(start + 72 * hour) * 1000})`,
  )
  expect(built.rows).toBe(n)
  expect(built.manifest.statistics.hour).toMatchObject({ nulls: 0, min: 0, max: 23 })
  const loaded = await features.loadTrainingSet(built.digest)
  expect(loaded.rows).toBe(n)
  expect(loaded.columns.map((c) => c.name)).toEqual(built.manifest.columns.map((c) => c.name))
})

test('the same inputs give the same bytes, built anew or found', async () => {
  const first = await build(24, 72)
  expect(await build(24, 72)).toEqual(first)
  const { db, ...rest } = embedded
  // Another database knows nothing of the first build.
  const fresh = await createTemporaryData()
  await fresh.db.transaction(async (trx) => {
    const names = ['definitions', 'dataset_versions', 'dataset_version_parts'] as const
    const from = db.tables<Record<(typeof names)[number], Record<string, never>>>()
    for (const table of names) {
      const rows = await from.selectFrom(table).selectAll().execute()
      await (trx as ReturnType<typeof db.tables<Record<string, Record<string, never>>>>)
        .insertInto(table)
        .values(rows as never)
        .execute()
    }
  })
  const again = createFeatureService({
    ...rest,
    db: fresh.db,
    clock: fresh.clock,
  })
  const second = await again.buildTrainingSet({
    name: 'late_flights',
    version,
    from: start + 24 * hour,
    until: start + 72 * hour,
  })
  expect(second).toEqual(first)
  await fresh.close()
})

test('what is read online at a hop is what training sees, on-demand features included', async () => {
  const at = start + 48 * hour
  const built = await build(48, 49)
  const loaded = await features.loadTrainingSet(built.digest)
  const done = await features.materialize({ view: 'airport_delays', until: at })
  expect(done).toMatchObject({ until: at, rows: 4, dataset: { version: version.version } })
  expect(await features.materialize({ view: 'airport_delays', until: at })).toEqual(done)
  expect(await features.materialize({ view: 'airport_delays', until: at - 5 * hour })).toEqual(done)

  const reader = await features.createOnlineReader('delay_features')
  const offline = (name: string, row: number) => {
    const column = loaded.columns.find((c) => c.name === name)
    if (!column) throw new Error(`no ${name}`)
    if (column.kind === 'string') return column.dictionary[column.codes[row]]
    const value = column.values[row]
    return Number.isNaN(value) ? null : column.kind === 'boolean' ? value !== 0 : value
  }
  const rows = Array.from({ length: loaded.rows }, (_, row) => ({
    date: new Date(offline('date', row) as number),
    distance: offline('distance', row),
    origin: offline('origin', row),
  }))
  const read = await reader.read(rows)
  // Newest rows move within the hop; what depends on the hop alone must be equal.
  const same = ['distance', 'origin', 'avg_delay_6h', 'departures_1h', 'hour', 'busy', 'part']
  for (const [row, values] of read.values.entries()) {
    expect(same.map((name) => values[name])).toEqual(same.map((name) => offline(name, row)))
    expect(read.staleness[row]).toEqual({ airport_delays: expect.any(Number) })
  }
  expect(loaded.rows).toBeGreaterThan(5)
  expect(Object.keys(read.values[0])).toEqual(reader.features.map((f) => f.name))
  expect(reader.request).toEqual({ date: 'timestamp', origin: 'string', distance: 'int64' })
})

test('an unseen key counts zero, a null key knows nothing', async () => {
  const reader = await features.createOnlineReader('delay_features')
  const { values, statuses } = await reader.read([
    { date: '2001-01-03T00:00:00Z', distance: null, origin: 'nowhere' },
    { date: start, distance: 5, origin: null },
  ])
  expect(values[0]).toMatchObject({
    departures_1h: 0,
    avg_delay_6h: null,
    hour: 0,
    busy: false,
    distance: null,
  })
  expect(statuses[0]).toMatchObject({ departures_1h: 'NOT_FOUND', hour: 'PRESENT', distance: 'NULL_VALUE' })
  expect(values[1]).toMatchObject({ departures_1h: null, hour: null, busy: null })
})

test('a wrong row is refused by number and field', async () => {
  const reader = await features.createOnlineReader('delay_features')
  const good = { date: start, distance: 5, origin: 'A1' }
  for (const [bad, message] of [
    [{ ...good, distance: 1.5 }, 'Row 1: distance must be a whole number, got 1.5.'],
    [
      { ...good, date: 'yesterday' },
      'Row 1: date must be a time (ISO text or milliseconds), got "yesterday".',
    ],
    [{ date: start, origin: 'A1' }, 'Row 1: distance is required, got nothing.'],
    [{ ...good, gate: 4 }, 'Row 1: gate is not known, there are date, origin, distance, got 4.'],
    [{ ...good, date: null }, 'Row 1: date must be a time (ISO text or milliseconds), got null.'],
  ] as const) {
    await expect(reader.read([good, bad])).rejects.toMatchObject({ code: 'feature.row_invalid', message })
  }
})

test('an empty interval and an unknown digest are refused with what there is', async () => {
  await expect(build(5000, 6000)).rejects.toMatchObject({
    code: 'training_set.empty',
    message: expect.stringContaining('the spine covers 2001-01-01T'),
  })
  await expect(build(5, 5)).rejects.toMatchObject({ code: 'request.invalid' })
  for (const digest of ['none', 'f'.repeat(64), (await embedded.data.listParts(version)).items[0].digest]) {
    await expect(features.getTrainingSet(digest)).rejects.toMatchObject({ code: 'training_set.not_found' })
  }
})

test('a training set without a label has all the rest', async () => {
  const [labelled, built] = [await build(24, 48), await build(24, 48, 'all_flights')]
  expect(built.manifest).not.toHaveProperty('label')
  expect(built.manifest.columns).toEqual(labelled.manifest.columns.filter(({ role }) => role !== 'label'))
  const rows = (await features.loadTrainingSet(labelled.digest)).columns
  expect((await features.loadTrainingSet(built.digest)).columns).toEqual(rows.slice(0, -1))
})

test('definitions with SQL that is no number, or a label named like a column, are refused', async () => {
  const { definitions } = embedded
  const find = ((kind: string, name: string) =>
    [flights, airport, delays, service].find((d) => d.kind === kind && d.name === name)) as never
  const view = (feature: object) => ({ ...delays, features: { x: feature } }) as never
  const aggregate = { type: 'float64', aggregate: 'mean', windowMs: hour }
  await features.checkDefinition(await definitions.get('feature-view', 'airport_delays'), find)
  for (const [type, name, sql] of [
    ['int64', 'distinct', 'origin'],
    ['string', 'top', 'origin'],
    ['timestamp', 'max', 'date'],
    ['float64', 'std', 'delay > 15'],
  ]) {
    await features.checkDefinition(view({ type, aggregate: name, sql, windowMs: hour }), find)
  }
  for (const [definition, reason] of [
    [view({ ...aggregate, sql: 'origin' }), 'gives VARCHAR where boolean or float64'],
    [view({ ...aggregate, sql: '(SELECT 1)' }), 'subquery'],
    [view({ ...aggregate, type: 'int64', sql: 'delay' }), 'its type must be float64'],
    [
      view({ ...aggregate, type: 'string', aggregate: 'min', sql: 'origin' }),
      'must be int64 or float64 or timestamp',
    ],
    [
      view({ ...aggregate, type: 'timestamp', aggregate: 'first', sql: 'origin' }),
      'gives VARCHAR where timestamp',
    ],
    [{ ...set, label: { ...set.label, name: 'departures_1h' } }, 'name of another column'],
  ] as const) {
    await expect(features.checkDefinition(definition as never, find)).rejects.toMatchObject({
      code: 'definition.invalid',
      message: expect.stringContaining(reason),
    })
  }
})

test('a reader follows a changed definition', async () => {
  const reader = await features.createOnlineReader('delay_features')
  const { definitions } = embedded
  const kept = await Promise.all(
    (await definitions.listStored()).map(({ definition }) =>
      definition.kind === 'feature-service' ? { ...definition, request: { distance: 'int64' } } : definition,
    ),
  )
  await definitions.apply({
    project: 'test',
    definitions: kept,
    bundle: null,
    dryRun: false,
    allowDestroy: true,
  })
  const { values } = await reader.read([{ date: start, distance: 5, origin: 'A1' }])
  expect(Object.keys(values[0])).not.toContain('origin')
  expect(reader.features.map((f) => f.name)).toEqual(Object.keys(values[0]))
})

test('rows in several parts, out of order in time, give the training set that they give in one', async () => {
  const { lake, data, dir } = embedded
  const expected = await features.loadTrainingSet((await build(24, 72)).digest)
  const parted = await createTemporaryData()
  try {
    await parted.apply([flights, airport, delays, { ...service, onDemandViews: [] }, set])
    const source = await data.relation(version)
    for (const [i, rows] of [
      'delay % 2 = 0',
      'delay % 2 <> 0 AND date < ',
      'delay % 2 <> 0 AND date >= ',
    ].entries()) {
      const at = i === 0 ? '' : `make_timestamp(${(start + 40 * hour) * 1000})`
      const path = join(dir, `part-${2 - i}.parquet`)
      await lake.writeParquet(`SELECT date, delay, distance, origin FROM ${source} WHERE ${rows}${at}`, path)
      await parted.data.ingest({ dataset: 'flights', path, mode: i === 0 ? 'replace' : 'append' })
    }
    const inParts = await parted.data.latestVersion('flights')
    expect(inParts).toMatchObject({ partCount: 3, rows: version.rows })
    const again = createFeatureService(parted)
    const built = await again.buildTrainingSet({
      name: 'late_flights',
      version: inParts,
      from: start + 24 * hour,
      until: start + 72 * hour,
    })
    const found = await again.loadTrainingSet(built.digest)
    const names = found.columns.map(({ name }) => name)
    expect(found.columns).toEqual(
      names.map((name) => expected.columns.find((column) => column.name === name)),
    )
  } finally {
    await parted.close()
  }
})
