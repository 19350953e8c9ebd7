import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { isPlatformError } from '@millrace/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { releaseStep } from './steps.ts'
import { storeForestModel, storeManifest } from './testing/forest-model.ts'
import { createServingTestBed, noon, requestOf, type ServingTestBed } from './testing/test-bed.ts'

let bed: ServingTestBed
beforeEach(async () => {
  bed = await createServingTestBed()
})
afterEach(() => bed.close())

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return isPlatformError(error) ? error.code : String(error)
}

describe('deploying', () => {
  test('the first version answers at once and becomes the champion', async () => {
    const revision = await bed.deploy()
    expect(revision).toMatchObject({ revision: 1, model: 'late', version: 1, requestKey: null })
    expect(await bed.registry.resolve('late@champion')).toMatchObject({ version: 1 })
    await bed.serving.start()
    expect(await bed.serving.isReady()).toBe(true)
    const answer = await bed.serving.predict('lateness', requestOf('one'))
    expect(answer).toMatchObject({ id: 'one', modelVersion: 'late/1', revision: 1 })
    expect(answer.prediction).toEqual({ label: expect.any(Number), probability: expect.closeTo(0.5, 0) })
    expect(answer.degraded).toBeUndefined()
    const audit = await bed.stream.read('audit', { limit: 100 })
    expect(audit.map(({ type }) => type)).toContain('endpoint.deployed')
  })

  test('a rejected version, another model and an unknown one are refused and change nothing', async () => {
    const rejected = await bed.register(await storeForestModel(bed.content), false)
    const deploy = (modelVersion: { model: string; version: number }) =>
      codeOf(bed.serving.deploy({ endpoint: 'lateness', modelVersion, reason: 'test' }))
    expect(await deploy(rejected)).toBe('endpoint.version_rejected')
    expect(await deploy({ model: 'other', version: 1 })).toBe('endpoint.wrong_model')
    expect(await deploy({ model: 'late', version: 9 })).toBe('model.version_not_found')
    expect((await bed.serving.getEndpoint('lateness')).revisions).toEqual([])
    expect(await codeOf(bed.serving.predict('lateness', requestOf('one')))).toBe('endpoint.not_deployed')
    expect(await codeOf(bed.serving.predict('nowhere', requestOf('one')))).toBe('definition.not_found')
  })

  test('a model that does not fit is refused before anything changes', async () => {
    await bed.deploy()
    const file = async (text: string) => (await bed.content.putBytes(Buffer.from(text))).digest
    const onnx = await file('no onnx')
    const size = { name: 'size', type: 'int64' }
    const cases: [string, Parameters<typeof storeManifest>[1]][] = [
      [
        'takes the feature "speed"',
        { files: { 'model.onnx': onnx }, features: [{ name: 'speed', type: 'int64' }] },
      ],
      ['"size" as string', { files: { 'model.onnx': onnx }, features: [{ name: 'size', type: 'string' }] }],
      ['', { files: { 'model.onnx': onnx }, features: [size] }],
    ]
    for (const [reason, manifest] of cases) {
      const modelVersion = await bed.register(await storeManifest(bed.content, manifest))
      const deployed = bed.serving.deploy({ endpoint: 'lateness', modelVersion, reason: 'test' })
      await expect(deployed).rejects.toMatchObject({ code: 'model.incompatible' })
      await expect(deployed).rejects.toThrow(reason)
    }
    expect((await bed.serving.getEndpoint('lateness')).revisions).toHaveLength(1)
  })

  test('a graph with other inputs than its manifest is refused by name', async () => {
    const digest = await storeForestModel(bed.content)
    const manifest = JSON.parse(Buffer.from(await bed.content.getBytes(digest)).toString())
    manifest.features = manifest.features.filter(({ name }: { name: string }) => name !== 'kind')
    const modelVersion = await bed.register(await storeManifest(bed.content, manifest))
    const deployed = bed.serving.deploy({ endpoint: 'lateness', modelVersion, reason: 'test' })
    await expect(deployed).rejects.toThrow('"kind"')
  })

  test('the step is idempotent by run and node', async () => {
    const model = await bed.register(await storeForestModel(bed.content))
    const step = releaseStep(bed.serving)
    const context = {
      pipelineRun: 'run_1',
      node: 'release',
      attempt: 1,
      signal: new AbortController().signal,
      progress: () => undefined,
      log: () => undefined,
      tempDir: bed.dir,
    }
    expect(await step.run(context, { model, endpoint: 'lateness' })).toEqual({ revision: 1 })
    expect(await step.run({ ...context, attempt: 2 }, { model, endpoint: 'lateness' })).toEqual({
      revision: 1,
    })
    expect(await step.run({ ...context, node: 'again' }, { model, endpoint: 'lateness' })).toEqual({
      revision: 2,
    })
    await expect(step.run(context, { model: 'late/1', endpoint: 'lateness' })).rejects.toThrow('model')
  })

  test('another process notices a deployment, and a restart brings it back', async () => {
    await bed.deploy()
    const other = bed.createService()
    await other.start({ refreshMs: 1_000_000 })
    expect(await other.predict('lateness', requestOf('a'))).toMatchObject({ revision: 1 })
    const modelVersion = await bed.register(await storeForestModel(bed.content, { seed: 5 }))
    await bed.serving.deploy({ endpoint: 'lateness', modelVersion, strategy: 'all-at-once', reason: 'test' })
    expect(await other.predict('lateness', requestOf('b'))).toMatchObject({ revision: 1 })
    await other.refresh()
    expect(await other.predict('lateness', requestOf('c'))).toMatchObject({
      revision: 2,
      modelVersion: 'late/2',
    })
    expect(await bed.registry.resolve('late@champion')).toMatchObject({ version: 2 })
    await other.close()
    const restarted = bed.createService()
    expect(await restarted.isReady()).toBe(false)
    await restarted.start({ refreshMs: 1_000_000 })
    expect(await restarted.isReady()).toBe(true)
    expect(await restarted.predict('lateness', requestOf('d'))).toMatchObject({ revision: 2 })
    await restarted.close()
  })
})

describe('predicting', () => {
  beforeEach(async () => {
    await bed.deploy()
    await bed.serving.start({ refreshMs: 1_000_000 })
  })

  test('missing and stale features are named', async () => {
    const unknown = await bed.serving.predict('lateness', requestOf('u', { shop: 'never seen' }))
    expect(unknown.degraded).toEqual(['amount_2h'])
    const later = await bed.serving.predict('lateness', requestOf('l', { at: noon + 3_600_000 }))
    expect(later.degraded).toEqual(['amount_2h'])
    const tooOld = await bed.serving.predict('lateness', requestOf('o', { at: noon + 48 * 3_600_000 }))
    expect(tooOld.degraded).toEqual(['amount_2h'])
  })

  test('a failing row in a batch fails alone, in its place', async () => {
    const bodies = [
      requestOf('a'),
      requestOf('b', { size: 'big' }),
      requestOf('c', { size: 13 }),
      null,
      requestOf('d', { size: null, kind: 'never seen' }),
    ]
    const answers = await bed.serving.predictMany('lateness', bodies)
    expect(answers.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'rejected',
      'fulfilled',
    ])
    expect(answers[1]).toMatchObject({
      reason: { code: 'request.invalid', details: { field: 'inputs.size' } },
    })
    expect(answers[2]).toMatchObject({ reason: { code: 'feature.compute_failed' } })
    const log = await bed.serving.summarizeLog('lateness')
    expect(log).toMatchObject({ predictions: 2, torn: 0, failures: 0 })
  })

  test('a repeated id is answered again and counts once; labels join, later ones win', async () => {
    const first = await bed.serving.predict('lateness', requestOf('same'))
    const second = await bed.serving.predict('lateness', requestOf('same'))
    expect(second).toEqual(first)
    await bed.serving.predict('lateness', requestOf('unlabelled', { at: noon + 60_000 }))
    await bed.serving.acceptFeedback('lateness', [
      { id: 'same', label: false, at: 5 },
      { id: 'same', label: true, at: 7 },
      { id: 'same', label: 0, at: 6 },
      { id: 'orphan', label: 1 },
    ])
    expect(await bed.serving.summarizeLog('lateness')).toEqual({
      predictions: 2,
      failures: 0,
      repeats: 1,
      torn: 0,
      labels: 2,
      orphans: 1,
    })
    const window = await bed.serving.readWindow('lateness', { from: noon, until: noon + 120_000 })
    expect(window.rows).toBe(2)
    expect([...window.label]).toEqual([1, Number.NaN])
    expect(first.prediction).toMatchObject({ probability: window.probability[0] })
    expect(window.modelVersions).toEqual(['late/1'])
    expect(window.features.map(({ name, kind }) => [name, kind])).toEqual([
      ['size', 'number'],
      ['kind', 'string'],
      ['amount_2h', 'number'],
      ['hour', 'number'],
    ])
    expect((await bed.serving.readWindow('lateness', { from: noon + 1, until: noon + 120_000 })).rows).toBe(1)
    expect(await bed.serving.findFirstEventTime('lateness')).toBe(noon)
    const rows = await bed.lake.rows(
      `SELECT id FROM (${await bed.serving.joined('lateness', { variant: 'stable' })}) ORDER BY id`,
    )
    expect(rows).toEqual([{ id: 'same' }, { id: 'unlabelled' }])
  })

  test('too many waiting rows are refused, and nothing of them is done', async () => {
    const small = bed.createService({ maxQueued: 3 })
    await small.start({ refreshMs: 1_000_000 })
    const asked = Array.from({ length: 5 }, (_, i) => small.predict('lateness', requestOf(`q${i}`)))
    const codes = await Promise.all(asked.map(codeOf))
    expect(codes.filter((code) => code === 'endpoint.overloaded')).toHaveLength(2)
    const batch = Array.from({ length: 4 }, (_, i) => requestOf(`r${i}`))
    expect(await codeOf(small.predictMany('lateness', batch))).toBe('endpoint.overloaded')
    expect(await small.summarizeLog('lateness')).toMatchObject({ predictions: 3 })
    await small.close()
  })

  test('segments are rotated by size and kept by event day', async () => {
    const small = bed.createService({ maxLogBytes: 1000 })
    await small.start({ refreshMs: 1_000_000 })
    for (let i = 0; i < 10; i++) await small.predict('lateness', requestOf(`s${i}`))
    await small.predict('lateness', requestOf('next day', { at: noon + 86_400_000 }))
    await small.close()
    const days = join(bed.logDir, 'lateness', 'predictions')
    expect(readdirSync(days)).toEqual(['2024-01-01', '2024-01-02'])
    expect(readdirSync(join(days, '2024-01-01', 'r1')).length).toBeGreaterThan(2)
    expect(await bed.serving.summarizeLog('lateness')).toMatchObject({ predictions: 11, torn: 0 })
  })

  test('definitions that change are followed without a restart', async () => {
    const [definition] = (await bed.definitions.listStored())
      .map((stored) => stored.definition)
      .filter(({ kind }) => kind === 'feature-service')
    const all = (await bed.definitions.listStored()).map((stored) =>
      stored.definition === definition || stored.definition.kind !== 'feature-service'
        ? stored.definition
        : definition,
    )
    const changed = all.map((given) =>
      given.kind === 'feature-service' ? { ...given, request: { ...given.request, extra: 'string' } } : given,
    )
    await bed.apply(changed)
    expect(await codeOf(bed.serving.predict('lateness', requestOf('x')))).toBe('request.invalid')
    expect(await bed.serving.predict('lateness', requestOf('x', { extra: 'e' }))).toMatchObject({ id: 'x' })
  })
})
