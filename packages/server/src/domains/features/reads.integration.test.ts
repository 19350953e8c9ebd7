import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTemporaryData } from '../../testing/temporary-data.ts'
import { createReadLog } from './read-log.ts'
import { registerReadMetrics } from './read-metrics.ts'
import { createFeatureService, type FeatureService } from './service.ts'
import { checkReadsStep } from './steps.ts'

const hour = 3_600_000
const noon = Date.UTC(2024, 0, 1, 12)
const day = { from: noon - 12 * hour, until: noon + 12 * hour }

const view = (features: object) => ({
  kind: 'feature-view',
  name: 'shop_sales',
  entity: 'shop',
  from: 'sales',
  timestamp: 'at',
  ttlMs: null,
  hopMs: hour,
  features,
})
const features = {
  amount_2h: { type: 'float64', aggregate: 'sum', sql: 'amount', windowMs: 2 * hour },
  note: { type: 'string', last: 'note' },
}
const service = (logReads?: number) => ({
  kind: 'feature-service',
  name: 'shop_features',
  featureViews: ['shop_sales'],
  onDemandViews: [],
  request: { size: 'float64' },
  timestamp: 'at',
  ...(logReads !== undefined && { logReads }),
})
const definitions = (logReads?: number) => [
  {
    kind: 'dataset',
    name: 'sales',
    source: { format: 'csv', path: 'sales.csv' },
    schema: { at: 'timestamp', shop: 'string', amount: 'float64', note: 'string' },
    derived: {},
    timestamp: 'at',
    expectations: [],
  },
  { kind: 'entity', name: 'shop', key: { shop: 'string' } },
  view(features),
  service(logReads),
]

let embedded: Awaited<ReturnType<typeof createTemporaryData>>
let store: FeatureService
const read = async (shops: string[], options?: { at?: number }) => {
  const selection = await store.openSelection({ service: 'shop_features' })
  return selection.read(
    shops.map((shop) => ({ shop, size: 1 })),
    options,
  )
}
const ingest = async (...rows: string[]) => {
  await writeFile(join(embedded.dir, 'sales.csv'), `at,shop,amount,note\n${rows.join('\n')}\n`)
  await embedded.data.ingest({ dataset: 'sales' })
}

beforeEach(async () => {
  embedded = await createTemporaryData()
  embedded.clock.set(noon + 60_000)
  store = createFeatureService(embedded)
  await embedded.apply(definitions(1))
  await ingest('2024-01-01 10:30:00,x,1.5,first', '2024-01-01 11:15:00,x,2,', '2024-01-01 11:30:00,y,8,z')
  await store.materialize({ view: 'shop_sales', until: noon + 60_000 })
})
afterEach(() => embedded.close())

test('reads as training has them are consistent, those of unknown and missing keys too', async () => {
  await read(['x', 'y', 'unseen'])
  const reader = await store.createOnlineReader('shop_features')
  await reader.read([{ at: noon + 1, shop: 'x', size: null }])
  const check = await store.checkReads('shop_features', day)
  expect(check).toMatchObject({ service: 'shop_features', reads: 4, consistent: true, inconsistent: [] })
  expect(check.versions).toHaveLength(1)
  for (const feature of check.versions[0].features)
    expect(feature).toMatchObject({ mismatched: 0, missing: 0, extra: 0, marked: 0 })
  expect((await store.listReadChecks('shop_features')).items).toEqual([check])
  expect(await store.checkReads('shop_features', { from: 0, until: day.from })).toMatchObject({ reads: 0 })
})

test('what differs is found, told, and measured', async () => {
  await read(['x', 'y'])
  // A sale that had not been told when it was needed.
  await ingest(
    '2024-01-01 10:30:00,x,1.5,first',
    '2024-01-01 11:15:00,x,2,',
    '2024-01-01 11:30:00,y,8,z',
    '2024-01-01 11:45:00,x,40,late',
  )
  // Reads of an hour that nobody has materialized say so themselves.
  await read(['y'], { at: noon + hour })
  const check = await store.checkReads('shop_features', day)
  const [{ version, features: compared }] = check.versions
  expect(check).toMatchObject({ reads: 3, consistent: false })
  expect(compared.find(({ feature }) => feature === 'note')).toMatchObject({ missing: 1, marked: 0 })
  expect(compared.find(({ feature }) => feature === 'amount_2h')).toMatchObject({ mismatched: 1, marked: 0 })
  const audit = await embedded.stream.read('audit', { limit: 100 })
  expect(audit.find(({ type }) => type === 'features.inconsistent')?.data).toMatchObject({
    service: 'shop_features',
    check: check.id,
    inconsistent: expect.arrayContaining([{ feature: 'note', version, share: 1 / 3 }]),
  })
  const metrics = new Registry()
  registerReadMetrics(metrics, embedded)
  const text = await metrics.metrics()
  expect(text).toContain('millrace_feature_reads_logged_total{service="shop_features",outcome="logged"} 3')
  expect(text).toMatch(
    /inconsistency_ratio\{service="shop_features",version="\w+",view="",feature="note"\} 0\.33/,
  )
  expect(await store.checkReads('shop_features', { ...day, tolerated: 0.5 })).toMatchObject({
    consistent: true,
  })
})

test('the step says what differs and fails for nothing', async () => {
  await read(['y'], { at: noon + hour })
  await ingest('2024-01-01 10:30:00,x,1.5,first')
  const lines: string[] = []
  const context = { log: (line: string) => lines.push(line), signal: new AbortController().signal } as never
  const inputs = { service: 'shop_features', ...day, from: new Date(day.from).toISOString(), tolerated: 0.5 }
  const { consistent } = await checkReadsStep(store).run(context, inputs)
  expect(consistent).toBe(false)
  expect(lines).toContain('note differs in 100.00 % of its reads')
})

test('windows of another hop are marked', async () => {
  await read(['x'], { at: noon + 2 * hour })
  const [{ features: compared }] = (await store.checkReads('shop_features', { ...day, tolerated: 1 }))
    .versions
  expect(compared.find(({ feature }) => feature === 'amount_2h')).toMatchObject({ marked: 1 })
})

test('reads are computed again by the definitions that they were made with', async () => {
  await read(['x'])
  await embedded.reads.flush()
  embedded.clock.advance(1)
  await embedded.apply([
    ...definitions(1).slice(0, 2),
    view({ amount_1h: { ...features.amount_2h, windowMs: hour } }),
    service(1),
  ])
  await store.materialize({ view: 'shop_sales', until: noon + 60_000 })
  await read(['x', 'y'])
  const check = await store.checkReads('shop_features', day)
  expect(
    check.versions.map(({ reads, features }) => [reads, features.map(({ feature }) => feature)]),
  ).toEqual([
    [1, ['size', 'amount_2h', 'note']],
    [2, ['size', 'amount_1h']],
  ])
  expect(check.consistent).toBe(true)
})

test('reads of features by their names are those of a view of the service', async () => {
  const selection = await store.openSelection({ features: ['shop_sales:note'] })
  await selection.read([{ shop: 'x' }, { shop: 'y' }], { at: noon + 1 })
  await read(['x'])
  const check = await store.checkReads('shop_features', day)
  expect(check).toMatchObject({ reads: 3, consistent: true })
  expect(check.versions.map(({ view, reads }) => [view, reads])).toEqual(
    expect.arrayContaining([
      ['shop_sales', 2],
      [undefined, 1],
    ]),
  )
  const ofView = check.versions.find(({ view }) => view !== undefined)
  expect(ofView?.features.map(({ feature }) => feature)).toEqual(['amount_2h', 'note'])
  await ingest('2024-01-01 10:30:00,x,1.5,other')
  expect((await store.checkReads('shop_features', day)).inconsistent).toContainEqual(
    expect.objectContaining({ feature: 'note', view: 'shop_sales', share: 1 }),
  )
})

test('a sample has all reads of a key or none; without a share nothing is logged', async () => {
  const shops = Array.from({ length: 400 }, (_, i) => `s${i}`)
  const { version } = (await embedded.definitions.listStored()).find(
    ({ definition }) => definition.name === 'shop_features',
  ) as { version: string }
  await embedded.apply(definitions(0.25))
  expect(await embedded.definitions.version('feature-service', 'shop_features')).toBe(version)
  await read(shops)
  await read(shops)
  const { reads } = await store.checkReads('shop_features', day)
  expect(reads % 2).toBe(0)
  expect(reads).toBeGreaterThan(120)
  expect(reads).toBeLessThan(280)
  await embedded.apply(definitions())
  await read(shops)
  expect(await store.checkReads('shop_features', day)).toMatchObject({ reads })
})

test('a service that logs nothing, and ranges and shares that are none, are refused', async () => {
  await embedded.apply(definitions())
  await expect(store.checkReads('shop_features', day)).rejects.toThrow(
    /"shop_features" are logged: give it logReads/,
  )
  await expect(store.checkReads('none', day)).rejects.toMatchObject({ code: 'definition.not_found' })
  for (const wrong of [{ until: day.from }, { sample: 2 }, { tolerated: -1 }, { until: 8.64e15 }])
    await expect(store.checkReads('shop_features', { ...day, ...wrong })).rejects.toMatchObject({
      code: 'request.invalid',
    })
})

test('what the log cannot keep up with, or cannot write, is counted and hinders no read', async () => {
  const warnings: object[] = []
  await writeFile(join(embedded.dir, 'file'), '')
  const reads = createReadLog({
    ...embedded,
    dir: join(embedded.dir, 'file'),
    logger: { warn: (line: object) => warnings.push(line) } as never,
  })
  store = createFeatureService({ ...embedded, reads })
  // Six values a row.
  const shops = Array.from({ length: 10_000 }, (_, i) => `s${i}`)
  for (let i = 0; i < 11; i++) expect((await read(shops)).values[0]).toHaveLength(10_000)
  expect(reads.counts().get('shop_features')?.dropped).toBe(110_000 - Math.floor(500_000 / 6))
  await reads.close()
  expect(reads.counts().get('shop_features')).toEqual({ logged: 0, dropped: 110_000 })
  expect(warnings[0]).toMatchObject({ service: 'shop_features' })
})
