import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { trackingMigration } from '../../migrations/0004-tracking.ts'
import { trackingLifeCycleMigration } from '../../migrations/0010-tracking.ts'
import { artifactsMigration } from '../../migrations/0011-artifacts.ts'
import { pendingMetricsMigration } from '../../migrations/0015-pending-metrics.ts'
import { createTemporaryStores } from '../../testing/temporary-stores.ts'
import type { LogBatchInput } from './run.ts'
import { createTrackingService, type TrackingService } from './service.ts'

let stores: Awaited<ReturnType<typeof createTemporaryStores>>
let tracking: TrackingService

beforeAll(async () => {
  stores = await createTemporaryStores([
    trackingMigration,
    trackingLifeCycleMigration,
    artifactsMigration,
    pendingMetricsMigration,
  ])
  tracking = createTrackingService(stores)
})
afterAll(() => stores.close())

const newRun = async () => (await tracking.createRun({ experiment: 'tests' })).id
const code = (wanted: string) => expect.objectContaining({ code: wanted })

describe('experiments and runs', () => {
  it('makes an experiment once, also when asked at the same time', async () => {
    const made = await Promise.all(Array.from({ length: 8 }, () => tracking.getOrCreateExperiment('flights')))
    expect(new Set(made.map(({ id }) => id)).size).toBe(1)
    expect(await tracking.getExperiment(made[0].id)).toEqual(made[0])
  })

  it('gives the same run for the same key', async () => {
    const input = { experiment: 'tests', key: 'pipeline-1/train', tags: { a: '1' } }
    const [first, second] = await Promise.all([tracking.createRun(input), tracking.createRun(input)])
    expect(second).toEqual(first)
  })

  it('runs a failed run again under its key and leaves a finished one alone', async () => {
    const input = { experiment: 'tests', key: 'pipeline-2/train' }
    const { id } = await tracking.createRun(input)
    stores.clock.advance(5)
    await tracking.finishRun(id, 'FAILED')
    expect(await tracking.createRun(input)).toMatchObject({ id, status: 'RUNNING', endedAt: null })
    await tracking.finishRun(id, 'FINISHED')
    const { endedAt } = await tracking.getRun(id)
    stores.clock.advance(5)
    await tracking.finishRun(id, 'FINISHED')
    expect(await tracking.createRun(input)).toMatchObject({ id, status: 'FINISHED', endedAt })
  })

  it('pages runs, newest first', async () => {
    const ids: string[] = []
    for (let i = 0; i < 5; i++) {
      stores.clock.advance(1)
      ids.unshift((await tracking.createRun({ experiment: 'paged' })).id)
    }
    const { id: experiment } = await tracking.getOrCreateExperiment('paged')
    const seen: string[] = []
    let pageToken: string | undefined
    do {
      const page = await tracking.listRuns({ experiment }, { limit: 2, pageToken })
      seen.push(...page.items.map((run) => run.id))
      pageToken = page.nextPageToken
    } while (pageToken)
    expect(seen).toEqual(ids)
    await expect(tracking.listRuns({}, { pageToken: 'x' })).rejects.toEqual(code('request.invalid'))
    await expect(tracking.listRuns({ experiment: '999' })).rejects.toEqual(code('experiment.not_found'))
  })

  it('refuses names that are no names', async () => {
    await expect(tracking.createRun({ experiment: ' ' })).rejects.toEqual(code('experiment.entry_invalid'))
    await expect(tracking.getOrCreateExperiment('x'.repeat(501))).rejects.toEqual(
      code('experiment.entry_invalid'),
    )
    await expect(tracking.getRun('run_none')).rejects.toEqual(code('run.not_found'))
  })
})

describe('logBatch', () => {
  it('keeps every double and every history, and shows the latest', async () => {
    const run = await newRun()
    const metrics = [3, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, 1.7e308].map(
      (value, step) => ({ key: 'loss', value, at: 7, step }),
    )
    await tracking.logBatch({ run, metrics })
    await tracking.logBatch({ run, metrics: [...metrics, ...metrics] })
    expect((await tracking.metricHistory({ run, key: 'loss' })).items).toEqual(metrics)
    expect((await tracking.getRun(run)).metrics).toEqual([metrics.at(-1)])
  })

  it('shows the same latest value in whatever order values come', async () => {
    const value = fc.oneof(
      fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY),
      fc.integer({ min: 1, max: 9 }),
    )
    const metric = fc.record({
      key: fc.constant('m'),
      value,
      at: fc.nat({ max: 2 }),
      step: fc.integer({ min: -1, max: 1 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(metric, { minLength: 1, maxLength: 8 }), async (metrics) => {
        const [forth, back] = [await newRun(), await newRun()]
        await tracking.logBatch({ run: forth, metrics })
        for (const one of metrics.toReversed()) await tracking.logBatch({ run: back, metrics: [one] })
        expect((await tracking.getRun(forth)).metrics).toEqual((await tracking.getRun(back)).metrics)
      }),
      { numRuns: 30 },
    )
  })

  it('is all or nothing, and parameters never change', async () => {
    const run = await newRun()
    await tracking.logBatch({ run, params: { depth: '3' }, tags: { who: 'a' } })
    await tracking.logBatch({ run, params: { depth: '3', trees: '9' }, tags: { who: 'b' } })
    const before = await tracking.getRun(run)
    const batch = { params: { seed: '1', depth: '4' }, tags: { who: 'c' }, metrics: [metricOf(1)] }
    await expect(tracking.logBatch({ run, ...batch })).rejects.toThrow(/"depth".*"3".*cannot become 4/)
    expect(await tracking.getRun(run)).toEqual(before)
    expect(before).toMatchObject({ params: { depth: '3', trees: '9' }, tags: { who: 'b' }, metrics: [] })
  })

  it.each<Omit<LogBatchInput, 'run'>>([
    { params: { '': 'x' } },
    { params: { 'a/../b': 'x' } },
    { params: { 'a"b': 'x' } },
    { params: { a: 'x'.repeat(6001) } },
    { tags: { ['k'.repeat(251)]: 'x' } },
    { tags: { a: 'nul\0' } },
    { metrics: [{ key: 'm', value: '1' as unknown as number, at: 0, step: 0 }] },
    { metrics: [{ key: 'm', value: 1, at: -1, step: 0 }] },
    { metrics: [{ key: 'm', value: 1, at: 0, step: 0.5 }] },
    { metrics: Array.from({ length: 10_001 }, () => metricOf(1)) },
  ])('refuses bad entries (%#)', async (batch) => {
    const run = await newRun()
    await expect(tracking.logBatch({ run, ...batch })).rejects.toEqual(code('run.entry_invalid'))
    expect(await tracking.getRun(run)).toMatchObject({ params: {}, tags: {}, metrics: [] })
  })

  it('takes thousands of values at once', async () => {
    const run = await newRun()
    const metrics = Array.from({ length: 10_000 }, (_, i) => ({
      key: `m${i % 2500}`,
      value: i,
      at: 1,
      step: i,
    }))
    await tracking.logBatch({ run, metrics })
    expect((await tracking.getRun(run)).metrics).toHaveLength(2500)
  })
})

describe('artifacts', () => {
  const bytes = (text: string) => new TextEncoder().encode(text)

  it('lie under their plain names and come back', async () => {
    const run = await tracking.createRun({ experiment: 'tests' })
    const artifact = await tracking.logArtifact(run.id, 'model/MLmodel', bytes('flavors'))
    const file = join(stores.dir, 'objects/artifacts', run.experimentId, run.id, 'artifacts/model/MLmodel')
    expect(await readFile(file, 'utf8')).toBe('flavors')
    const read = await tracking.readArtifact(run.id, 'model/MLmodel')
    const chunks: Uint8Array[] = []
    for await (const chunk of read.body) chunks.push(chunk)
    expect(Buffer.concat(chunks).toString()).toBe('flavors')
    expect(read.artifact).toEqual(artifact)
    expect((await tracking.listArtifacts(run.id)).items).toEqual([{ kind: 'file', ...artifact }])
  })

  it('keep names apart that need encoding', async () => {
    const run = await newRun()
    const paths = ['my plot é.svg', 'my=20plot.svg', 'my plot.svg', 'a+b@c.txt']
    for (const path of paths) await tracking.logArtifact(run, path, bytes(path))
    for (const path of paths) {
      const { body } = await tracking.readArtifact(run, path)
      for await (const chunk of body) expect(Buffer.from(chunk).toString()).toBe(path)
    }
  })

  it.each([
    '',
    '/etc/passwd',
    '../x',
    'a/../../x',
    'a//b',
    './a',
    'a\\b',
    'a\0b',
    'x'.repeat(501),
    'a#b',
    '%2e%2e/x',
  ])('refuse the path %j', async (path) => {
    const run = await newRun()
    await expect(tracking.logArtifact(run, path, bytes('x'))).rejects.toEqual(code('artifact.path_invalid'))
  })

  it('may be replaced while the run goes on, not after its end', async () => {
    const run = await newRun()
    await tracking.logArtifact(run, 'a.txt', bytes('1'))
    await tracking.logArtifact(run, 'a.txt', bytes('2'))
    await tracking.finishRun(run, 'FINISHED')
    await tracking.logArtifact(run, 'a.txt', bytes('2'))
    await tracking.logArtifact(run, 'later.txt', bytes('3'))
    await expect(tracking.logArtifact(run, 'a.txt', bytes('3'))).rejects.toEqual(code('run.artifact_exists'))
    await expect(tracking.readArtifact(run, 'b.txt')).rejects.toEqual(code('run.artifact_not_found'))
  })
})

function metricOf(value: number) {
  return { key: 'm', value, at: 0, step: 0 }
}
