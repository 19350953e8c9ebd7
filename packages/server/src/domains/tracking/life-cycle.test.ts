import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTrackingService } from './service.ts'
import { createTemporaryTracking } from './testing/temporary-tracking.ts'

let stack: Awaited<ReturnType<typeof createTemporaryTracking>>
let tracking: typeof stack.tracking

beforeAll(async () => {
  stack = await createTemporaryTracking()
  tracking = stack.tracking
})
afterAll(() => stack.close())

const code = (wanted: string) => expect.objectContaining({ code: wanted })

describe('experiments', () => {
  it('begin with Default', async () => {
    expect(await tracking.getExperiment('0')).toMatchObject({
      name: 'Default',
      artifactLocation: 'mlflow-artifacts:/0',
      lifecycleStage: 'active',
    })
    const elsewhere = createTrackingService({ ...stack, artifactRoot: 's3://bucket/runs' })
    await elsewhere.placeDefaultExperiment()
    expect((await tracking.getExperiment('0')).artifactLocation).toBe('s3://bucket/runs/0')
    await tracking.placeDefaultExperiment()
    expect(await tracking.createRun({})).toMatchObject({ experimentId: '0' })
    await elsewhere.placeDefaultExperiment()
    expect((await tracking.getExperiment('0')).artifactLocation).toBe('mlflow-artifacts:/0')
    const { artifactLocation: beneath } = await elsewhere.createExperiment({ name: 'beneath' })
    expect(beneath).toMatch(/^s3:\/\/bucket\/runs\/\d+$/)
  })

  it('have names that stay unique after deletion', async () => {
    const input = { name: 'unique', tags: { team: 'a' }, artifactLocation: 's3://bucket/x' }
    const made = await tracking.createExperiment(input)
    expect(made).toMatchObject({ ...input, lifecycleStage: 'active' })
    await expect(tracking.createExperiment(input)).rejects.toThrow(/"unique".*active/)
    await tracking.deleteExperiment(made.id)
    await expect(tracking.createExperiment(input)).rejects.toThrow(/"unique".*deleted/)
    await expect(tracking.getOrCreateExperiment('unique')).rejects.toEqual(code('experiment.deleted'))
    const other = await tracking.createExperiment({ name: 'other' })
    await expect(tracking.renameExperiment(other.id, 'unique')).rejects.toEqual(code('experiment.exists'))
    expect(await tracking.renameExperiment(other.id, 'renamed')).toMatchObject({ name: 'renamed' })
    expect(await tracking.getExperimentByName('renamed')).toMatchObject({ id: other.id })
    await expect(tracking.getExperimentByName('other')).rejects.toEqual(code('experiment.not_found'))
  })

  it('take their runs along when they are deleted and restored', async () => {
    const { id } = await tracking.createExperiment({ name: 'cascade' })
    const [kept, deletedBefore] = [await stack.newRun('cascade'), await stack.newRun('cascade')]
    await tracking.deleteRun(deletedBefore)
    await tracking.deleteExperiment(id)
    expect(await tracking.getRun(kept)).toMatchObject({ lifecycleStage: 'deleted' })
    expect(await tracking.getExperiment(id)).toMatchObject({
      lifecycleStage: 'deleted',
      deletedAt: stack.clock.now(),
    })
    await expect(tracking.deleteExperiment(id)).rejects.toEqual(code('experiment.not_found'))
    for (const refused of [
      () => tracking.createRun({ experimentId: id }),
      () => tracking.setExperimentTags(id, { a: 'b' }),
      () => tracking.deleteExperimentTag(id, 'a'),
      () => tracking.renameExperiment(id, 'x'),
      () => tracking.restoreRun(kept),
      () => tracking.createLoggedModel({ experimentId: id }),
    ]) {
      await expect(refused()).rejects.toEqual(code('experiment.deleted'))
    }
    await tracking.restoreExperiment(id)
    for (const run of [kept, deletedBefore]) {
      expect(await tracking.getRun(run)).toMatchObject({ lifecycleStage: 'active', deletedAt: null })
    }
    await expect(tracking.restoreExperiment(id)).rejects.toEqual(code('experiment.not_found'))
  })

  it('are listed by stage', async () => {
    const { id } = await tracking.createExperiment({ name: 'listed', tags: { a: '1' } })
    const ids = async (view: 'active' | 'deleted') =>
      (await tracking.listExperiments({ view, limit: 100 })).items.map((experiment) => experiment.id)
    expect(await ids('active')).toContain(id)
    await tracking.deleteExperiment(id)
    expect(await ids('active')).not.toContain(id)
    expect(await ids('deleted')).toContain(id)
  })

  it('have tags that are set and deleted', async () => {
    const { id } = await tracking.createExperiment({ name: 'tagged', tags: { a: '1', b: '2' } })
    await tracking.setExperimentTags(id, { b: '3', c: '' })
    await tracking.deleteExperimentTag(id, 'a')
    expect((await tracking.getExperiment(id)).tags).toEqual({ b: '3', c: '' })
    await expect(tracking.deleteExperimentTag(id, 'a')).rejects.toEqual(code('experiment.tag_not_found'))
    const long = { c: 'x'.repeat(5001) }
    await expect(tracking.setExperimentTags(id, long)).rejects.toEqual(code('experiment.entry_invalid'))
  })

  it.each(['runs:/abc', 's3://bucket/#frag', 'file:/a;params', '', 'x'.repeat(2049)])(
    'refuse the location %j',
    async (artifactLocation) => {
      const made = tracking.createExperiment({ name: 'located', artifactLocation })
      await expect(made).rejects.toEqual(code('experiment.entry_invalid'))
    },
  )
})

describe('runs', () => {
  it('are named by their input, their tag or by chance', async () => {
    const named = await tracking.createRun({ name: 'a', user: 'ann' })
    expect(named).toMatchObject({ name: 'a', user: 'ann', status: 'RUNNING' })
    expect(named.id).toMatch(/^[0-9a-f]{32}$/)
    expect(named.artifactUri).toBe(`mlflow-artifacts:/0/${named.id}/artifacts`)
    expect((await tracking.getRun(named.id)).tags).toEqual({ 'mlflow.runName': 'a' })
    expect(await tracking.createRun({ tags: { 'mlflow.runName': 'b' } })).toMatchObject({ name: 'b' })
    expect((await tracking.createRun({})).name).toMatch(/^[a-z]+-[a-z]+-\d{1,3}$/)
    const both = tracking.createRun({ name: 'a', tags: { 'mlflow.runName': 'b' } })
    await expect(both).rejects.toEqual(code('run.entry_invalid'))
  })

  it('keep an id from elsewhere, once', async () => {
    const input = { id: 'Run_from-elsewhere', startedAt: 5, status: 'FINISHED' as const }
    expect(await tracking.createRun(input)).toMatchObject(input)
    await expect(tracking.createRun(input)).rejects.toEqual(code('run.exists'))
    await expect(tracking.createRun({ id: '../x' })).rejects.toEqual(code('run.entry_invalid'))
  })

  it('are renamed by update and by tag', async () => {
    const { id } = await tracking.createRun({ name: 'a' })
    await tracking.updateRun(id, { name: 'b' })
    expect(await tracking.getRun(id)).toMatchObject({ name: 'b', tags: { 'mlflow.runName': 'b' } })
    await tracking.logBatch({ run: id, tags: [{ key: 'mlflow.runName', value: 'c' }] })
    expect(await tracking.getRun(id)).toMatchObject({ name: 'c', tags: { 'mlflow.runName': 'c' } })
  })

  it('end, and go on', async () => {
    const id = await stack.newRun()
    expect(await tracking.updateRun(id, { status: 'FINISHED', endedAt: 7 })).toMatchObject({ endedAt: 7 })
    expect(await tracking.updateRun(id, { status: 'FAILED' })).toMatchObject({ endedAt: 7 })
    expect(await tracking.updateRun(id, { status: 'RUNNING' })).toMatchObject({ endedAt: null })
    expect(await tracking.updateRun(id, { status: 'KILLED' })).toMatchObject({ endedAt: stack.clock.now() })
    const unknown = tracking.updateRun(id, { status: 'DONE' as 'KILLED' })
    await expect(unknown).rejects.toEqual(code('run.entry_invalid'))
  })

  it('are deleted and restored again and again, and not written in between', async () => {
    const id = await stack.newRun()
    await tracking.deleteRun(id)
    await tracking.deleteRun(id)
    const dataset = { name: 'd', digest: '1', sourceType: 'local', source: 'x' }
    for (const refused of [
      () => tracking.logBatch({ run: id, tags: { a: 'b' } }),
      () => tracking.updateRun(id, { name: 'x' }),
      () => tracking.finishRun(id, 'FINISHED'),
      () => tracking.deleteRunTag(id, 'a'),
      () => tracking.logInputs({ run: id, datasets: [{ dataset }] }),
      () => tracking.logOutputs(id, [{ model: 'm-1', step: 0 }]),
    ]) {
      await expect(refused()).rejects.toEqual(code('run.deleted'))
    }
    await tracking.restoreRun(id)
    await tracking.restoreRun(id)
    await tracking.logBatch({ run: id, tags: { a: 'b' } })
    await tracking.deleteRunTag(id, 'a')
    await expect(tracking.deleteRunTag(id, 'a')).rejects.toEqual(code('run.tag_not_found'))
    expect((await tracking.getRun(id)).tags).not.toHaveProperty('a')
  })

  it('are compared side by side', async () => {
    const [a, b] = [await tracking.createRun({ name: 'n' }), await tracking.createRun({ name: 'n' })]
    const metrics = [{ key: 'loss', value: Number.NaN, at: 1, step: 1 }]
    await tracking.logBatch({ run: a.id, params: { depth: '3', seed: '1' }, metrics })
    await tracking.logBatch({ run: b.id, params: { depth: '4', seed: '1' }, metrics, tags: { only: 'b' } })
    const { runs, ...entries } = await tracking.compareRuns([a.id, b.id])
    expect(runs).toEqual([a, b])
    expect(entries).toEqual({
      params: [
        { key: 'depth', values: ['3', '4'], differs: true },
        { key: 'seed', values: ['1', '1'], differs: false },
      ],
      tags: [
        { key: 'mlflow.runName', values: ['n', 'n'], differs: false },
        { key: 'only', values: [null, 'b'], differs: true },
      ],
      metrics: [{ key: 'loss', values: [Number.NaN, Number.NaN], differs: false }],
    })
    await expect(tracking.compareRuns([a.id, 'none'])).rejects.toEqual(code('run.not_found'))
    await expect(tracking.compareRuns([])).rejects.toEqual(code('request.invalid'))
  })
})

describe('batches', () => {
  it('refuse a parameter that is given twice, and let the last tag win', async () => {
    const run = await stack.newRun()
    const twice = ['1', '1'].map((value) => ({ key: 'd', value }))
    await expect(tracking.logBatch({ run, params: twice })).rejects.toThrow(/Duplicate parameter keys.*"d"/)
    const tags = ['1', '2'].map((value) => ({ key: 'd', value }))
    await tracking.logBatch({ run, tags })
    expect((await tracking.getRun(run)).tags).toMatchObject({ d: '2' })
  })

  it('cut long values where that is asked for', async () => {
    const run = await stack.newRun()
    const batch = { run, params: { p: '😀'.repeat(6001) }, tags: { t: 'x'.repeat(8001) } }
    await expect(tracking.logBatch(batch)).rejects.toEqual(code('run.entry_invalid'))
    await tracking.logBatch({ ...batch, longValues: 'truncate' })
    const { params, tags } = await tracking.getRun(run)
    expect(params).toEqual({ p: '😀'.repeat(6000) })
    expect(tags.t).toHaveLength(8000)
    await tracking.logBatch({ ...batch, longValues: 'truncate' })
  })

  it('store nothing when a metric names a model that does not exist', async () => {
    const run = await stack.newRun()
    const metrics = [{ key: 'm', value: 1, at: 1, step: 1, model: 'm-none' }]
    await expect(tracking.logBatch({ run, metrics, params: { a: '1' } })).rejects.toEqual(
      code('logged_model.not_found'),
    )
    expect(await tracking.getRun(run)).toMatchObject({ params: {}, metrics: [] })
  })
})
