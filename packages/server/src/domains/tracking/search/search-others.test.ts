import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTemporaryTracking } from '../testing/temporary-tracking.ts'
import { searchExperiments } from './search-experiments.ts'
import { type SearchLoggedModelsInput, searchLoggedModels } from './search-logged-models.ts'

let stores: Awaited<ReturnType<typeof createTemporaryTracking>>
beforeAll(async () => {
  stores = await createTemporaryTracking()
})
afterAll(() => stores.close())

describe('searchExperiments', () => {
  beforeAll(async () => {
    for (const [name, tags] of [
      ['alpha', { team: 'a' }],
      ['Beta', { team: 'b' }],
      ['gamma', {}],
    ] as const) {
      stores.clock.advance(1)
      await stores.tracking.createExperiment({ name, tags })
    }
  })
  const names = async (input: Parameters<typeof searchExperiments>[1]) =>
    (
      await searchExperiments(stores.db, { dialect: 'mlflow', filter: "name != 'Default'", ...input })
    ).items.map(({ name }) => name)

  it('finds by name, time and tags, the newest first', async () => {
    expect(await names({})).toEqual(['gamma', 'Beta', 'alpha'])
    expect(await names({ filter: "name LIKE 'b%'" })).toEqual([])
    expect(await names({ filter: "name ILIKE 'b%'" })).toEqual(['Beta'])
    expect(await names({ filter: "tags.team = 'a'" })).toEqual(['alpha'])
    expect(await names({ filter: "tag.team IS NULL AND name != 'Default'" })).toEqual(['gamma'])
    expect(await names({ filter: `creation_time > ${stores.clock.now() - 1}` })).toContain('gamma')
  })

  it('orders, with what is missing last, and pages', async () => {
    expect(await names({ orderBy: ['name'] })).toEqual(['Beta', 'alpha', 'gamma'])
    expect(await names({ orderBy: ['tags.team DESC'] })).toEqual(['Beta', 'alpha', 'gamma'])
    const input = { filter: "name != 'Default'", orderBy: ['name DESC'], limit: 2, count: true }
    const first = await searchExperiments(stores.db, input)
    expect(first).toMatchObject({
      total: 3,
      items: [{ name: 'gamma' }, { name: 'alpha', tags: { team: 'a' } }],
    })
    const last = await searchExperiments(stores.db, { ...input, pageToken: first.nextPageToken })
    expect(last.items.map(({ name }) => name)).toEqual(['Beta'])
    expect(last.nextPageToken).toBeUndefined()
  })

  it('tells active from deleted ones', async () => {
    const { id } = await stores.tracking.createExperiment({ name: 'gone' })
    await stores.tracking.deleteExperiment(id)
    expect(await names({})).not.toContain('gone')
    expect(await names({ view: 'deleted' })).toEqual(['gone'])
    expect(await names({ view: 'all' })).toContain('gone')
  })
})

describe('searchLoggedModels', () => {
  let experiment: string
  beforeAll(async () => {
    experiment = (await stores.tracking.createExperiment({ name: 'models' })).id
    const run = (await stores.tracking.createRun({ experimentId: experiment })).id
    const models = [
      { name: 'first', values: [0.1, 0.9], dataset: { name: 'train', digest: '1' } },
      { name: 'second', values: [0.5], dataset: { name: 'test', digest: '2' } },
      { name: 'third', values: [Number.NaN], dataset: { name: 'test', digest: '2' } },
      { name: 'fourth', values: [], dataset: undefined },
    ]
    for (const { name, values, dataset } of models) {
      stores.clock.advance(1)
      const model = await stores.tracking.createLoggedModel({
        experimentId: experiment,
        name,
        sourceRun: run,
        params: { size: String(name.length) },
        tags: { first: name[0] ?? '' },
      })
      const metrics = values.map((value, step) => ({
        key: 'auc',
        value,
        at: step,
        step,
        model: model.id,
        ...(dataset ? { dataset } : {}),
      }))
      await stores.tracking.logBatch({ run, metrics })
    }
  })
  const names = async (input: SearchLoggedModelsInput) =>
    (
      await searchLoggedModels(stores.db, { experiments: [experiment], dialect: 'mlflow', ...input })
    ).items.map(({ name }) => name)

  it('finds by attributes, parameters, tags and any value of a metric', async () => {
    expect(await names({})).toEqual(['fourth', 'third', 'second', 'first'])
    expect(await names({ filter: "name LIKE 'f%' AND params.size IN ('5')" })).toEqual(['first'])
    expect(await names({ filter: "tags.first = 't' AND status = 'PENDING'" })).toEqual(['third'])
    expect(await names({ filter: 'metrics.auc < 0.2' })).toEqual(['first'])
    expect(await names({ filter: 'metrics.auc != 0.5' })).toEqual(['third', 'first'])
    expect(await names({ experiments: [] })).toEqual([])
  })

  it('looks at the values on some datasets', async () => {
    const datasets = [{ name: 'test' }]
    expect(await names({ datasets })).toEqual(['third', 'second'])
    expect(await names({ filter: 'metrics.auc > 0', datasets })).toEqual(['second'])
    expect(await names({ datasets: [{ name: 'test', digest: '1' }] })).toEqual([])
  })

  it('orders by the latest value, NaN behind numbers and missing ones last, and pages', async () => {
    expect(await names({ orderBy: ['metrics.auc'] })).toEqual(['second', 'first', 'third', 'fourth'])
    expect(await names({ orderBy: [{ field: 'metrics.auc', descending: true }] })).toEqual([
      'first',
      'second',
      'third',
      'fourth',
    ])
    const onTest = { field: 'metrics.auc', descending: true, dataset: { name: 'test' } }
    expect(await names({ orderBy: [onTest] })).toEqual(['second', 'third', 'fourth', 'first'])
    const seen: string[] = []
    let pageToken: string | undefined
    do {
      const page = await searchLoggedModels(stores.db, {
        experiments: [experiment],
        orderBy: [onTest],
        limit: 1,
        pageToken,
      })
      seen.push(...page.items.map(({ name }) => name))
      pageToken = page.nextPageToken
    } while (pageToken)
    expect(seen).toEqual(['second', 'third', 'fourth', 'first'])
  })
})
