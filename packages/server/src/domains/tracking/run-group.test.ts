import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { runGroupTag } from './run-group.ts'
import { createTrackingSearch } from './search/service.ts'
import { createTemporaryTracking } from './testing/temporary-tracking.ts'

let stores: Awaited<ReturnType<typeof createTemporaryTracking>>
let experiment: string
let count = 0

beforeAll(async () => {
  stores = await createTemporaryTracking()
})
afterAll(() => stores.close())
beforeEach(async () => {
  experiment = (await stores.tracking.createExperiment({ name: `groups ${count++}` })).id
})

async function run(group: string | undefined, metrics: Record<string, number> = {}, startedAt = 1) {
  const { id } = await stores.tracking.createRun({ experimentId: experiment, group, startedAt })
  await stores.tracking.logBatch({
    run: id,
    metrics: Object.entries(metrics).map(([key, value]) => ({ key, value, at: 1, step: 0 })),
  })
  return id
}
const groups = async (metric?: string) =>
  (await stores.tracking.listRunGroups({ experiment, metric }, { limit: 50 })).items

describe('the group of a run', () => {
  it('is the tag, whoever sets it', async () => {
    const { tracking } = stores
    const id = await run('fold')
    expect(await tracking.getRun(id)).toMatchObject({ group: 'fold', tags: { [runGroupTag]: 'fold' } })
    await tracking.logBatch({ run: id, tags: { [runGroupTag]: 'sweep' } })
    expect((await tracking.getRun(id)).group).toBe('sweep')
    await tracking.updateRun(id, { group: 'other' })
    expect((await tracking.getRun(id)).tags[runGroupTag]).toBe('other')
    await tracking.updateRun(id, { name: 'kept' })
    expect((await tracking.getRun(id)).group).toBe('other')
    await tracking.updateRun(id, { group: null })
    expect(await tracking.getRun(id)).toMatchObject({ group: null, name: 'kept' })
    await tracking.updateRun(id, { group: null })
  })

  it('is refused if it is empty, too long or said twice', async () => {
    const { tracking } = stores
    const id = await run(undefined)
    for (const group of ['', ' ', 'x'.repeat(201)]) {
      const refused = { code: 'run.entry_invalid' }
      await expect(tracking.createRun({ experimentId: experiment, group })).rejects.toMatchObject(refused)
      await expect(tracking.updateRun(id, { group })).rejects.toMatchObject(refused)
      await expect(tracking.logBatch({ run: id, tags: { [runGroupTag]: group } })).rejects.toMatchObject(
        refused,
      )
    }
    await expect(
      tracking.createRun({ experimentId: experiment, group: 'a', tags: { [runGroupTag]: 'b' } }),
    ).rejects.toThrow(/give one/)
    expect((await tracking.getRun(id)).group).toBeNull()
  })

  it('is searched and ordered by', async () => {
    const [b, a] = [await run('b'), await run('a')]
    const none = await run(undefined)
    const search = createTrackingSearch(stores)
    const find = async (input: { filter?: string; orderBy?: string[] }) => {
      const { items } = await search.searchRuns({ experiments: [experiment], ...input, keys: { tags: [] } })
      return items.map(({ id, group, tags }) => ({ id, group, tags }))
    }
    expect(await find({ filter: "group = 'a'" })).toEqual([{ id: a, group: 'a', tags: {} }])
    expect((await find({ filter: 'group IS NULL' })).map(({ id }) => id)).toEqual([none])
    expect((await find({ orderBy: ['group DESC'] })).map(({ id }) => id)).toEqual([b, a, none])
    await expect(search.searchRuns({ filter: "group = 'a'", dialect: 'mlflow' })).rejects.toMatchObject({
      code: 'search.invalid',
    })
  })
})

describe('listRunGroups', () => {
  it('counts and summarizes the runs of each group, the latest first', async () => {
    const [low, high] = [await run('cv', { loss: 1, extra: 5 }, 10), await run('cv', { loss: 4 }, 30)]
    await run('cv', { loss: Number.NaN }, 20)
    const alone = await run('solo', { loss: 7 }, 40)
    await run(undefined, { loss: 100 })
    const deleted = await run('cv', { loss: -1 })
    await stores.tracking.deleteRun(deleted)
    await stores.tracking.finishRun(low, 'FAILED')
    const [solo, cv] = await groups()
    expect(solo).toEqual({
      name: 'solo',
      runs: 1,
      running: 1,
      failed: 0,
      firstStartedAt: 40,
      lastStartedAt: 40,
      metrics: [
        {
          key: 'loss',
          runs: 1,
          min: { value: 7, run: alone },
          max: { value: 7, run: alone },
          mean: 7,
          standardDeviation: null,
        },
      ],
    })
    expect(cv).toMatchObject({
      name: 'cv',
      runs: 3,
      running: 2,
      failed: 1,
      firstStartedAt: 10,
      lastStartedAt: 30,
    })
    expect(cv.metrics.map(({ key }) => key)).toEqual(['extra', 'loss'])
    const { mean, standardDeviation, ...loss } = cv.metrics[1]
    expect(loss).toEqual({ key: 'loss', runs: 2, min: { value: 1, run: low }, max: { value: 4, run: high } })
    expect(mean).toBeCloseTo(2.5)
    expect(standardDeviation).toBeCloseTo(Math.sqrt(4.5))
  })

  it('keeps the digits of values that lie close together, and survives the extremes', async () => {
    for (const value of [1e9 + 1, 1e9 + 2, 1e9 + 3]) await run('close', { near: value })
    for (const value of [1e308, -1e308]) await run('far', { far: value })
    for (const value of [1e-300, 3e-300]) await run('tiny', { tiny: value })
    const byName = Object.fromEntries((await groups()).map(({ name, metrics }) => [name, metrics[0]]))
    expect(byName.close.standardDeviation).toBeCloseTo(1, 9)
    expect(byName.far).toMatchObject({ min: { value: -1e308 }, max: { value: 1e308 }, mean: null })
    expect(byName.far.standardDeviation).toBeNull()
    expect(byName.tiny.mean).toBeCloseTo(2e-300, 310)
    expect(byName.tiny.standardDeviation).toBe(0)
  })

  it('is paged, and summarizes one metric if asked', async () => {
    for (const [i, name] of ['a', 'b', 'c'].entries()) await run(name, { x: 1, y: 2 }, i)
    const first = await stores.tracking.listRunGroups({ experiment, metric: 'y' }, { limit: 2 })
    expect(first.items.map(({ name, metrics }) => [name, metrics.map(({ key }) => key)])).toEqual([
      ['c', ['y']],
      ['b', ['y']],
    ])
    const { nextPageToken: pageToken } = first
    const rest = await stores.tracking.listRunGroups({ experiment }, { limit: 2, pageToken })
    expect(rest.items.map(({ name }) => name)).toEqual(['a'])
  })

  it('summarizes the first 100 metrics by name', async () => {
    const keys = Array.from({ length: 102 }, (_, i) => `m${String(i).padStart(3, '0')}`)
    await run('wide', Object.fromEntries(keys.map((key) => [key, 1])))
    const [wide] = await groups()
    expect(wide.metrics.map(({ key }) => key)).toEqual(keys.slice(0, 100))
  })

  it('says which experiment there is not', async () => {
    await expect(stores.tracking.listRunGroups({ experiment: '999' })).rejects.toMatchObject({
      code: 'experiment.not_found',
    })
  })
})
