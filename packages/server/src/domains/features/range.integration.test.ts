import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { isPlatformError } from '@millrace/protocol'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTemporaryData } from '../../testing/temporary-data.ts'
import { createFeatureService, type FeatureService } from './service.ts'

const hour = 3_600_000
const until = Date.UTC(2001, 0, 2)
const bundle = `export function findFunction() {
  return ({ value, amount }) => ({ doubled: value > 90 ? null : value * 2, sign: amount < 0 ? 'minus' : 'plus' })
}`
const code = { bundle: createHash('sha256').update(bundle).digest('hex') }
const columns = { at: 'timestamp', k: 'string', v: 'float64', n: 'int64', s: 'string' }
const parquet = (path: string) => ({ source: { format: 'parquet', path }, derived: {}, expectations: [] })
const fixed = [
  { kind: 'dataset', name: 'events', ...parquet('events.parquet'), schema: columns, timestamp: 'at' },
  {
    kind: 'dataset',
    name: 'examples',
    ...parquet('examples.parquet'),
    schema: { moment: 'timestamp', k: 'string', amount: 'int64', shop: 'string' },
    timestamp: 'moment',
  },
  { kind: 'entity', name: 'key', key: { k: 'string' } },
  { kind: 'training-set', name: 'set', spine: 'examples', service: 'service' },
]
const view = {
  kind: 'feature-view',
  name: 'view',
  entity: 'key',
  from: 'events',
  timestamp: 'at',
  ttlMs: null,
  hopMs: hour,
  features: {
    value: { type: 'float64', last: 'v' },
    whole: { type: 'int64', last: 'n' },
    text: { type: 'string', last: 's' },
    seen: { type: 'timestamp', aggregate: 'max', sql: '"at"', windowMs: 24 * hour },
    mean: { type: 'float64', aggregate: 'mean', sql: 'v', windowMs: 24 * hour },
    many: { type: 'int64', aggregate: 'count', windowMs: hour },
  },
}
const onDemand = {
  kind: 'on-demand-view',
  name: 'computed',
  input: { value: 'float64', amount: 'int64' },
  features: { doubled: 'float64', sign: 'string' },
  code,
}
const service = {
  kind: 'feature-service',
  name: 'service',
  featureViews: ['view'],
  onDemandViews: ['computed'],
  request: { amount: 'int64', shop: 'string' },
  timestamp: 'moment',
}

let embedded: Awaited<ReturnType<typeof createTemporaryData>>
let features: FeatureService

beforeAll(async () => {
  embedded = await createTemporaryData()
  const { dir, lake } = embedded
  features = createFeatureService(embedded)
  const time = (minutes: string) => `make_timestamp(${until * 1000} - (${minutes}) * 60000000)`
  await lake.writeParquet(
    `SELECT ${time('i * 7 % 1500 + 1')} AS "at", 'k' || (i % 9) AS k,
       CASE WHEN i % 11 = 0 THEN NULL ELSE (i * 37 % 200) / 2.0 - 10 END AS v,
       CASE WHEN i % 13 = 0 THEN NULL ELSE i * 31 % 100 END AS n,
       CASE WHEN i % 5 = 0 THEN NULL ELSE substr('abcd', 1 + (i % 4)::INTEGER, 1) END AS s FROM range(200) r(i)`,
    join(dir, 'events.parquet'),
  )
  await lake.writeParquet(
    `SELECT ${time('0')} AS moment, CASE WHEN i = 20 THEN NULL ELSE 'k' || (i % 12) END AS k,
       CASE WHEN i % 7 = 0 THEN NULL ELSE i * 17 % 50 - 25 END AS amount,
       CASE WHEN i % 6 = 0 THEN NULL ELSE substr('abc', 1 + (i % 3)::INTEGER, 1) END AS shop FROM range(30) r(i)`,
    join(dir, 'examples.parquet'),
  )
})
afterAll(() => embedded.close())

async function apply(ranges: Record<'view' | 'onDemand' | 'service', object>) {
  const definitions = [
    ...fixed,
    { ...view, ranges: ranges.view },
    { ...onDemand, ranges: ranges.onDemand },
    { ...service, ranges: ranges.service },
  ]
  const input = { project: 'test', definitions, bundle, dryRun: false, allowDestroy: true }
  await embedded.definitions.apply(input)
}

const codeOf = (error: unknown) => {
  if (isPlatformError(error)) return error.code
  throw error
}

/** What training has, and what an online read gives, for the examples; or the code of the error. */
async function readBoth(names: readonly string[]) {
  const version = await embedded.data.latestVersion('examples')
  const range = { from: until - hour, until: until + hour }
  const training = await features
    .buildTrainingSet({ name: 'set', version, ...range })
    .then(async ({ digest, manifest }) => {
      const { file } = await features.openTrainingSet(digest)
      const list = names.map((name) =>
        name === 'seen'
          ? 'epoch_us(seen) / 1000 AS seen'
          : name === 'amount' || name === 'whole' || name === 'many'
            ? `${name}::DOUBLE AS ${name}`
            : name,
      )
      const rows = await embedded.lake.rows(`SELECT ${list.join(', ')} FROM read_parquet('${file.path}')`)
      return { rows, outside: manifest.outsideRange }
    })
    .catch(codeOf)
  await features.materialize({ view: 'view', until })
  const reader = await features.createOnlineReader('service')
  const examples = await embedded.lake.rows<Record<string, unknown>>(
    `SELECT epoch_ms(moment)::DOUBLE AS moment, k, amount::DOUBLE AS amount, shop FROM ${await embedded.data.relation(version)}`,
  )
  const online = await reader.read(examples).catch(codeOf)
  return { training, online }
}

const outside = fc.constantFrom('refuse', 'null', 'clip')
const ends = (least: number, most: number) =>
  fc
    .record({
      min: fc.option(fc.integer({ min: least, max: most }), { nil: undefined }),
      max: fc.option(fc.integer({ min: least, max: most }), { nil: undefined }),
      notNull: fc.constantFrom(undefined, undefined, undefined, true),
      outside,
    })
    .map(({ min = least, max, outside, notNull }) => ({
      min,
      ...(max !== undefined && { max: Math.max(min, max) }),
      ...(notNull && { notNull }),
      // Few are refused, else all runs end there.
      outside: outside === 'null' && notNull ? 'clip' : outside,
    }))
const members = (of: string[]) =>
  fc.record({
    in: fc.subarray(of, { minLength: 1 }),
    outside: fc.constantFrom('null', 'null', 'null', 'refuse'),
  })
const mild = (least: number, most: number) =>
  ends(least, most).map(({ notNull, ...range }) => ({
    ...range,
    outside: range.outside === 'refuse' ? 'null' : range.outside,
  }))

const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 3 })
const without = (ranges: object) => Object.fromEntries(Object.entries(ranges).filter(([, range]) => range))

test('training and serving take the same values for outside, and do the same with them', async () => {
  await apply({ view: {}, onDemand: {}, service: {} })
  await embedded.data.ingest({ dataset: 'events' })
  await embedded.data.ingest({ dataset: 'examples' })
  const names = [...Object.keys(view.features), 'doubled', 'sign', 'amount', 'shop']
  let compared = 0
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        value: some(mild(-10, 60)),
        whole: some(mild(0, 99)),
        text: some(members(['a', 'b', 'c', 'd'])),
        seen: some(mild(until - 24 * hour, until)),
        mean: some(mild(0, 40)),
        many: some(mild(0, 4)),
      }),
      fc.record({ doubled: some(mild(-20, 120)), sign: some(members(['plus', 'minus'])) }),
      fc.record({ amount: some(mild(-20, 20)), shop: some(members(['a', 'b', 'c'])) }),
      fc.constantFrom(
        undefined,
        undefined,
        undefined,
        { value: { max: 60, outside: 'refuse' } },
        { many: { notNull: true, max: 2, outside: 'clip' } },
      ),
      async (ofView, ofComputed, ofService, harsh) => {
        await apply({
          view: { ...without(ofView), ...harsh },
          onDemand: without(ofComputed),
          service: without(ofService),
        })
        const { training, online } = await readBoth(names)
        if (typeof training === 'string' || typeof online === 'string') {
          // Refused by one, refused by the other.
          expect([typeof training, typeof online]).toEqual(['string', 'string'])
          return
        }
        compared++
        expect(
          online.values.map((row) => Object.fromEntries(names.map((name) => [name, row[name]]))),
        ).toEqual(training.rows)
        for (const [at, row] of online.statuses.entries())
          for (const name of names)
            if (row[name] === 'PRESENT') expect(online.values[at][name]).not.toBeNull()
      },
    ),
    { numRuns: 12, seed: 7 },
  )
  expect(compared).toBeGreaterThan(3)
})

test('reads are compared with what is in the ranges, too', async () => {
  await apply({
    view: { whole: { max: 50, outside: 'clip' }, text: { in: ['a', 'b'], outside: 'null' } },
    onDemand: { doubled: { max: 10, outside: 'null' } },
    service: { amount: { min: 0, outside: 'clip' } },
  })
  const { online } = await readBoth(['whole'])
  if (typeof online === 'string') throw new Error('nothing is refused here')
  const version = await embedded.data.latestVersion('examples')
  const examples = await embedded.data.relation(version)
  const given = await embedded.lake.rows<{ k: string | null }>(`SELECT k FROM ${examples}`)
  const places = given.flatMap(({ k }, i) => (k === 'k1' || k === 'k5' ? [i] : []))
  expect(places.length).toBeGreaterThan(0)
  const stored = await embedded.definitions.listStored()
  const pins = stored.map(({ definition: { kind, name }, version }) => [`${kind}/${name}`, version])
  const literal = (value: unknown) =>
    value === null ? 'NULL' : typeof value === 'string' ? `'${value}'` : String(value)
  const report = await features.compareReads({
    service: 'service',
    definitions: Object.fromEntries(pins),
    sample: 1,
    reads: ({ features: named }) => {
      const rows = places.map((at) => {
        const values = named.map(({ name, type }, i) => {
          const sql = type === 'string' ? 'VARCHAR' : 'DOUBLE'
          return `${literal(online.values[at]?.[name] ?? null)}::${sql} AS online$${i}`
        })
        const of = `SELECT 'r${at}' AS id$, []::VARCHAR[] AS degraded$, * FROM
          (SELECT moment, k, amount, shop, row_number() OVER () - 1 AS place FROM ${examples}) WHERE place = ${at}`
        return `SELECT * EXCLUDE (place), ${values.join(', ')} FROM (${of})`
      })
      return `(${rows.join(' UNION ALL ')})`
    },
  })
  expect(report.reads).toBe(places.length)
  for (const { feature, mismatched, missing, extra } of report.features)
    expect({ feature, mismatched, missing, extra }).toEqual({ feature, mismatched: 0, missing: 0, extra: 0 })
})

test('what became of values outside is counted and told', async () => {
  await apply({
    view: { whole: { max: 50, outside: 'clip' }, text: { in: ['a', 'b'], outside: 'null' } },
    onDemand: { doubled: { max: 10, outside: 'null' } },
    service: {},
  })
  const { training, online } = await readBoth(['whole', 'text', 'doubled'])
  if (typeof training === 'string' || typeof online === 'string') throw new Error('nothing is refused here')
  const counted = (view: string, feature: string) =>
    features.listOutsideRange().filter((one) => one.view === view && one.feature === feature)
  const { whole, text, doubled } = training.outside ?? {}
  expect(Math.min(whole, text, doubled)).toBeGreaterThan(0)
  expect(Math.max(...online.values.map((row) => Number(row.whole)))).toBe(50)
  expect(
    counted('view', 'whole').find(({ outcome }) => outcome === 'clipped')?.values,
  ).toBeGreaterThanOrEqual(whole)
  expect(
    counted('computed', 'doubled').find(({ outcome }) => outcome === 'nulled')?.values,
  ).toBeGreaterThanOrEqual(doubled)

  await apply({
    view: { whole: { max: 50, outside: 'refuse' } },
    onDemand: {},
    service: { amount: { min: 0, outside: 'refuse' } },
  })
  const reader = await features.createOnlineReader('service')
  const row = { moment: until, k: 'k1', shop: null }
  await expect(
    reader.read([
      { ...row, amount: 1 },
      { ...row, amount: -1 },
    ]),
  ).rejects.toMatchObject({
    code: 'feature.row_invalid',
    message: 'Row 1: amount must be at least 0, got -1.',
  })
  const version = await embedded.data.latestVersion('examples')
  const building = features.buildTrainingSet({ name: 'set', version, from: until, until: until + hour })
  await expect(building).rejects.toMatchObject({
    code: 'training_set.outside_range',
    message: expect.stringMatching(
      /\d+ of "amount" of the request, which must be at least 0; \d+ of "whole" of "view"/,
    ),
  })
})
