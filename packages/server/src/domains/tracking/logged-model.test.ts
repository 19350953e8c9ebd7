import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTemporaryTracking } from './testing/temporary-tracking.ts'

let stack: Awaited<ReturnType<typeof createTemporaryTracking>>
let tracking: typeof stack.tracking

beforeAll(async () => {
  stack = await createTemporaryTracking()
  tracking = stack.tracking
})
afterAll(() => stack.close())

const code = (wanted: string) => expect.objectContaining({ code: wanted })

describe('logged models', () => {
  it('are made, get ready and carry parameters and tags', async () => {
    const { id: sourceRun, experimentId } = await tracking.createRun({ experiment: 'models' })
    const input = { experimentId, sourceRun, name: 'forest', modelType: 'sklearn', params: { depth: '3' } }
    const { id } = await tracking.createLoggedModel({ ...input, tags: { a: '1' } })
    expect(id).toMatch(/^m-[0-9a-f]{32}$/)
    await tracking.setLoggedModelStatus(id, { status: 'READY' })
    await tracking.setLoggedModelTags(id, { a: '2', b: '3' })
    await tracking.deleteLoggedModelTag(id, 'b')
    await expect(tracking.deleteLoggedModelTag(id, 'b')).rejects.toEqual(code('logged_model.tag_not_found'))
    await tracking.logLoggedModelParams(id, { depth: '3', seed: '1' })
    await expect(tracking.logLoggedModelParams(id, { depth: '4' })).rejects.toEqual(
      code('logged_model.param_conflict'),
    )
    expect(await tracking.getLoggedModel(id)).toMatchObject({
      ...input,
      status: 'READY',
      artifactUri: `mlflow-artifacts:/${experimentId}/models/${id}/artifacts`,
      params: { depth: '3', seed: '1' },
      tags: { a: '2' },
    })
    const { items } = await tracking.listLoggedModels({ run: sourceRun })
    expect(items.map((model) => model.id)).toEqual([id])
  })

  it('show the latest value of each metric, run and dataset', async () => {
    const run = await stack.newRun('models')
    const { experimentId } = await tracking.getRun(run)
    const { id: model } = await tracking.createLoggedModel({ experimentId })
    const dataset = { name: 'train', digest: 'abc' }
    const metric = { key: 'auc', at: 1, model }
    const metrics = [
      { ...metric, value: 0.5, step: 1, dataset },
      { ...metric, value: 0.6, step: 2, dataset },
      { ...metric, value: Number.NaN, step: 3 },
    ]
    await tracking.logBatch({ run, metrics })
    await tracking.logBatch({ run, metrics })
    expect((await tracking.getLoggedModel(model)).metrics).toEqual([
      { key: 'auc', value: Number.NaN, at: 1, step: 3, run, dataset: null },
      { key: 'auc', value: 0.6, at: 1, step: 2, run, dataset },
    ])
    expect((await tracking.metricHistory({ run, key: 'auc' })).items).toHaveLength(3)
  })

  it('are deleted softly', async () => {
    const { id } = await tracking.createLoggedModel({ experimentId: '0' })
    await tracking.deleteLoggedModel(id)
    await expect(tracking.getLoggedModel(id)).rejects.toEqual(code('logged_model.not_found'))
    await tracking.deleteLoggedModel(id)
    await expect(tracking.deleteLoggedModel('m-none')).rejects.toEqual(code('logged_model.not_found'))
    await expect(tracking.setLoggedModelTags(id, { a: '1' })).rejects.toEqual(code('logged_model.not_found'))
    const deleted = await tracking.getLoggedModel(id, { allowDeleted: true })
    expect(deleted).toMatchObject({ lifecycleStage: 'deleted', deletedAt: stack.clock.now() })
    await tracking.restoreLoggedModel(id)
    expect(await tracking.getLoggedModel(id)).toMatchObject({ lifecycleStage: 'active', deletedAt: null })
  })

  it.each([
    { name: 'a/b' },
    { name: 'a:b' },
    { name: 'a.b' },
    { name: '50%' },
    { id: 'x' },
    { params: { a: 'x'.repeat(6001) } },
  ])('refuse %j', async (input) => {
    const made = tracking.createLoggedModel({ experimentId: '0', ...input })
    await expect(made).rejects.toEqual(code('logged_model.entry_invalid'))
  })
})

describe('inputs and outputs', () => {
  const dataset = { name: 'flights', digest: 'abc', sourceType: 'local', source: 'x.csv', schema: '{}' }

  it('describe a dataset by whoever names it first, and link it once', async () => {
    const [a, b] = [await stack.newRun('inputs'), await stack.newRun('inputs')]
    const context = { 'mlflow.data.context': 'training' }
    await tracking.logInputs({ run: a, datasets: [{ dataset, tags: context }], models: ['m-1', 'm-1'] })
    const again = [{ dataset: { ...dataset, source: 'other' }, tags: { later: '1' } }, { dataset }]
    await tracking.logInputs({ run: a, datasets: again })
    await tracking.logInputs({ run: b, datasets: again })
    const stored = { ...dataset, profile: null }
    expect(await tracking.getRun(a)).toMatchObject({
      inputs: [{ dataset: stored, tags: context }],
      modelInputs: ['m-1'],
    })
    expect((await tracking.getRun(b)).inputs).toEqual([{ dataset: stored, tags: { later: '1' } }])
    const { experimentId } = await tracking.getRun(a)
    expect(await tracking.summarizeDatasets([experimentId, 'x'])).toEqual(
      expect.arrayContaining([
        { experimentId, name: 'flights', digest: 'abc', context: 'training' },
        { experimentId, name: 'flights', digest: 'abc', context: null },
      ]),
    )
  })

  it('keep outputs by step, once', async () => {
    const run = await stack.newRun('inputs')
    const outputs = [2, 1, 2].map((step) => ({ model: 'm-1', step }))
    await tracking.logOutputs(run, outputs)
    expect((await tracking.getRun(run)).modelOutputs).toEqual([
      { model: 'm-1', step: 1 },
      { model: 'm-1', step: 2 },
    ])
  })

  it.each([{ name: '' }, { digest: 'x'.repeat(37) }, { source: 'x'.repeat(65_536) }])(
    'refuse the dataset %j',
    async (bad) => {
      const run = await stack.newRun('inputs')
      const logged = tracking.logInputs({ run, datasets: [{ dataset: { ...dataset, ...bad } }] })
      await expect(logged).rejects.toEqual(code('run.entry_invalid'))
    },
  )
})
