import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { registerConsistencyMetrics } from './consistency-metrics.ts'
import { checkConsistencyStep } from './steps.ts'
import { createServingTestBed, noon, requestOf, type ServingTestBed } from './testing/test-bed.ts'

const hour = 3_600_000
const day = { from: noon - 12 * hour, until: noon + 12 * hour }

let bed: ServingTestBed
beforeEach(async () => {
  bed = await createServingTestBed()
  await bed.deploy()
  await bed.serving.start({ refreshMs: 1_000_000 })
})
afterEach(() => bed.close())

const predict = (...rows: [id: string, inputs?: Record<string, unknown>][]) =>
  bed.serving.predictMany(
    'lateness',
    rows.map(([id, inputs]) => requestOf(id, inputs)),
  )
const featureOf = (check: Awaited<ReturnType<ServingTestBed['serving']['checkConsistency']>>, name: string) =>
  check.revisions[0].features.find(({ feature }) => feature === name)

test('features that were read as training has them are consistent, those of keys that nobody knows too', async () => {
  await predict(['a'], ['b', { shop: 'y', size: null }], ['c', { shop: 'unseen' }])
  const check = await bed.serving.checkConsistency('lateness', day)
  expect(check).toMatchObject({ endpoint: 'lateness', reads: 3, consistent: true, inconsistent: [] })
  expect(check.revisions).toMatchObject([{ revision: 1, modelVersion: 'late/1', reads: 3 }])
  for (const feature of check.revisions[0].features) {
    expect(feature).toMatchObject({ mismatched: 0, missing: 0, extra: 0, marked: 0, examples: [] })
  }
  const { items } = await bed.serving.listConsistencyChecks('lateness')
  expect(items).toEqual([check])
  const audit = await bed.stream.read('audit', { limit: 100 })
  expect(audit.map(({ type }) => type)).not.toContain('features.inconsistent')
})

test('a value that is behind is found, whether the read said so or not, and told', async () => {
  // An hour later the windows are others, and nobody has materialized them.
  await predict(['late', { at: noon + hour }], ['now'])
  const check = await bed.serving.checkConsistency('lateness', day)
  expect(check.consistent).toBe(false)
  const amount = featureOf(check, 'amount_2h')
  expect(amount).toMatchObject({ mismatched: 1, missing: 0, extra: 0, marked: 1 })
  expect(amount?.examples).toEqual([
    { id: 'late', at: noon + hour, online: expect.any(Number), training: expect.any(Number) },
  ])
  expect(amount?.examples[0].online).not.toBe(amount?.examples[0].training)
  const metrics = new Registry()
  registerConsistencyMetrics(metrics, bed.db)
  expect(await metrics.metrics()).toContain(
    'millrace_feature_inconsistency_ratio{endpoint="lateness",revision="1",feature="amount_2h"} 0.5',
  )
  const audit = await bed.stream.read('audit', { limit: 100 })
  expect(audit.find(({ type }) => type === 'features.inconsistent')?.data).toMatchObject({
    endpoint: 'lateness',
    check: check.id,
    inconsistent: expect.arrayContaining([{ feature: 'amount_2h', revision: 1, share: 0.5 }]),
  })
})

test('a row that was known only after it was needed is found', async () => {
  await predict(['early'])
  // A sale of 01:15 that nobody had told by noon.
  await writeFile(
    join(bed.dir, 'sales.csv'),
    'at,shop,amount\n2024-01-01 00:10:00,x,1.5\n2024-01-01 01:00:00,x,2\n2024-01-01 01:15:00,x,40\n2024-01-01 01:30:00,y,8\n',
  )
  await bed.data.ingest({ dataset: 'sales' })
  const check = await bed.serving.checkConsistency('lateness', day)
  expect(featureOf(check, 'amount_2h')).toMatchObject({ mismatched: 1, marked: 0 })
  expect(featureOf(check, 'amount_2h')?.meanDifference).toBeLessThan(0)
})

test('a sample has all reads of a key or none', async () => {
  const shops = Array.from({ length: 40 }, (_, i) => `s${i}`)
  await predict(
    ...shops.flatMap((shop) => [1, 2].map((n): [string, { shop: string }] => [`${shop}-${n}`, { shop }])),
  )
  const { reads } = await bed.serving.checkConsistency('lateness', { ...day, sample: 0.5 })
  expect(reads % 2).toBe(0)
  expect(reads).toBeGreaterThan(20)
  expect(reads).toBeLessThan(60)
  expect((await bed.serving.checkConsistency('lateness', { ...day, sample: 0.5 })).reads).toBe(reads)
  await expect(bed.serving.checkConsistency('lateness', { ...day, sample: 2 })).rejects.toMatchObject({
    code: 'request.invalid',
  })
  await expect(bed.serving.checkConsistency('none', day)).rejects.toMatchObject({
    code: 'definition.not_found',
  })
})

test('the step says what differs and fails for nothing', async () => {
  await predict(['late', { at: noon + hour }])
  const lines: string[] = []
  const context = { log: (line: string) => lines.push(line), signal: new AbortController().signal } as never
  const inputs = { endpoint: 'lateness', ...day, from: new Date(day.from).toISOString() }
  const { consistent } = await checkConsistencyStep(bed.serving).run(context, inputs)
  expect(consistent).toBe(false)
  expect(lines).toContain('amount_2h of revision 1 differs in 100.00 % of 1 reads')
})
