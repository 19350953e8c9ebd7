import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { migrations } from '../../migrations/index.ts'
import { createRegistryLinks } from '../../registry-links.ts'
import { createTemporaryStores } from '../../testing/temporary-stores.ts'
import { type ArtifactGarbage, createArtifactGarbage } from '../artifacts/index.ts'
import { createBlobStore, createFileSetGarbage } from '../file-sets/index.ts'
import { createNamedLookup, createRegistryService, type RegistryService } from '../registry/index.ts'
import {
  createPurgeService,
  createTrackingService,
  type PurgeService,
  type TrackingService,
  type TrackingTables,
} from '../tracking/index.ts'
import { createContentGarbage } from './contents.ts'
import { createGarbageService, type GarbageDeps, type GarbageService } from './service.ts'

const day = 86_400_000
const olderThanMs = 30 * day
const bytes = (text: string) => new TextEncoder().encode(text)
const nothing = {
  complete: true,
  experiments: 0,
  runs: 0,
  loggedModels: 0,
  artifacts: { files: 0, bytes: 0 },
  uploads: { uploads: 0, files: 0, bytes: 0 },
  orphans: { files: 0, bytes: 0 },
  datasetVersions: 0,
  contents: { files: 0, bytes: 0 },
  fileSets: { files: 0, bytes: 0 },
  onlineTables: { tables: 0, keys: 0, busy: 0 },
  kept: { runs: 0, loggedModels: 0 },
  outside: 0,
}

let stores: Awaited<ReturnType<typeof createTemporaryStores>>
let tracking: TrackingService
let registry: RegistryService
let purges: PurgeService
let artifactGarbage: ArtifactGarbage
let garbage: GarbageService

beforeEach(async () => {
  stores = await createTemporaryStores([])
  await stores.db.migrate(migrations)
  // Objects get the time of the machine, so the rest of the tests has to live then, too.
  stores.clock.set(Date.now())
  tracking = createTrackingService(stores)
  const links = createRegistryLinks({
    ...stores,
    tracking,
    serving: () => ({ listEndpoints: async () => [] }),
  })
  registry = createRegistryService({ ...stores, links })
  purges = createPurgeService(stores)
  artifactGarbage = createArtifactGarbage(stores)
  garbage = createWith(purges)
})
afterEach(() => stores.close())

function createWith(given: PurgeService, db = stores.db, others: Partial<GarbageDeps> = {}): GarbageService {
  const named = createNamedLookup(stores)
  const fileSets = createFileSetGarbage({ ...stores, blobs: createBlobStore(stores) })
  return createGarbageService({
    ...stores,
    db,
    garbage: artifactGarbage,
    fileSets,
    datasets: { applyKeep: () => Promise.resolve(0) },
    contents: createContentGarbage({ ...stores, names: [] }),
    features: { removeUnusedTables: () => Promise.resolve({ tables: 0, keys: 0, busy: 0, complete: true }) },
    listPinnedViews: () => Promise.resolve([]),
    purges: given,
    named,
    ...others,
  })
}

async function newRun(experiment = 'exp') {
  const run = await tracking.createRun({ experiment, tags: { team: 'a' } })
  await tracking.logBatch({
    run: run.id,
    params: { depth: '3' },
    metrics: [1, 2, 3].map((step) => ({ key: 'loss', value: step, step, at: step })),
  })
  await tracking.logArtifact(run.id, 'model/MLmodel', bytes('flavors'))
  await tracking.logArtifact(run.id, 'notes.txt', bytes('abc'))
  return run
}

const tables = [
  'runs',
  'run_params',
  'run_tags',
  'run_metrics',
  'run_latest_metrics',
  'run_inputs',
  'run_input_tags',
  'run_model_outputs',
  'logged_models',
  'logged_model_params',
  'logged_model_metrics',
] as const
async function rowsLeft(): Promise<Record<string, number>> {
  const db = stores.db.tables<TrackingTables>()
  const counts: [string, number][] = []
  for (const table of tables) {
    counts.push([table, (await db.selectFrom(table).selectAll().execute()).length])
  }
  return Object.fromEntries(counts.filter(([, count]) => count > 0))
}

const objectKeys = async () => (await stores.objects.list('')).objects.map(({ key }) => key)

describe('garbage of tracking', () => {
  it('goes for good when it was deleted long ago, with all that belongs to it', async () => {
    const run = await newRun()
    await tracking.logInputs({
      run: run.id,
      datasets: [
        {
          dataset: { name: 'd', digest: 'x', sourceType: 'local', source: 's' },
          tags: { 'mlflow.data.context': 'train' },
        },
      ],
    })
    const model = await tracking.createLoggedModel({
      experimentId: run.experimentId,
      sourceRun: run.id,
      params: { a: '1' },
    })
    await tracking.logOutputs(run.id, [{ model: model.id, step: 0 }])
    await stores.artifacts.put(`${run.experimentId}/models/${model.id}/artifacts/MLmodel`, bytes('m'))
    const stays = await newRun()
    const before = await rowsLeft()
    await tracking.deleteRun(run.id)
    await tracking.deleteLoggedModel(model.id)
    stores.clock.advance(olderThanMs)
    expect(await garbage.collect({ olderThanMs })).toEqual({ ...nothing, dryRun: false })
    stores.clock.advance(1)
    const expected = { ...nothing, runs: 1, loggedModels: 1, artifacts: { files: 3, bytes: 11 } }
    expect(await garbage.collect({ olderThanMs, dryRun: true })).toEqual({ ...expected, dryRun: true })
    expect(await rowsLeft()).toEqual(before)
    expect(await garbage.collect({ olderThanMs })).toEqual({ ...expected, dryRun: false })
    expect(await garbage.collect({ olderThanMs })).toEqual({ ...nothing, dryRun: false })
    expect(await rowsLeft()).toEqual({
      runs: 1,
      run_params: 1,
      run_tags: before.run_tags / 2,
      run_metrics: 3,
      run_latest_metrics: 1,
    })
    const key = (path: string) => `artifacts/${stays.experimentId}/${stays.id}/artifacts/${path}`
    expect(await objectKeys()).toEqual([key('model/MLmodel'), key('notes.txt')])
    await expect(tracking.getRun(run.id)).rejects.toMatchObject({ code: 'run.not_found' })
  })

  it('takes whole experiments, but for the newest number', async () => {
    const [first, second] = [await newRun('first'), await newRun('second')]
    await tracking.createLoggedModel({ experimentId: first.experimentId })
    for (const { experimentId } of [first, second]) await tracking.deleteExperiment(experimentId)
    stores.clock.advance(olderThanMs + 1)
    const expected = {
      ...nothing,
      experiments: 1,
      runs: 2,
      loggedModels: 1,
      artifacts: { files: 4, bytes: 20 },
    }
    expect(await garbage.collect({ olderThanMs, dryRun: true })).toMatchObject(expected)
    expect(await garbage.collect({ olderThanMs })).toMatchObject(expected)
    await expect(tracking.getExperiment(first.experimentId)).rejects.toMatchObject({
      code: 'experiment.not_found',
    })
    const next = await tracking.getOrCreateExperiment('third')
    expect(Number(next.id)).toBeGreaterThan(Number(second.experimentId))
  })

  it('stops when its lock has gone to another server', async () => {
    const lock = { lost: Promise.resolve(), release: () => Promise.resolve() }
    const losing = createWith(purges, { ...stores.db, lock: () => Promise.resolve(lock) })
    await expect(losing.collect({ olderThanMs })).rejects.toMatchObject({ code: 'garbage.running' })
  })

  it('never takes what a version of a model names', async () => {
    const run = await newRun()
    const made = await newRun()
    const model = await tracking.createLoggedModel({ experimentId: made.experimentId, sourceRun: made.id })
    await registry.createModel({ name: 'm' })
    await registry.createVersion({ model: 'm', source: 's3://bucket/1', runId: run.id })
    await registry.createVersion({ model: 'm', source: 's3://bucket/2', modelId: model.id })
    const sealed = await newRun()
    await tracking.deleteExperiment(run.experimentId)
    stores.clock.advance(olderThanMs + 1)
    // As by a version that is being registered just now.
    await stores.artifacts.seal(`${sealed.experimentId}/${sealed.id}/artifacts/model`, 'someone')
    const expected = { ...nothing, kept: { runs: 3, loggedModels: 1 } }
    expect(await garbage.collect({ olderThanMs, dryRun: true })).toEqual({ ...expected, dryRun: true })
    expect(await garbage.collect({ olderThanMs })).toEqual({ ...expected, dryRun: false })
    await registry.deleteVersion({ model: 'm', version: 1 }, 'someone')
    expect(await garbage.collect({ olderThanMs })).toMatchObject({
      runs: 1,
      kept: { runs: 2, loggedModels: 1 },
    })
    expect((await tracking.getRun(made.id)).lifecycleStage).toBe('deleted')
  })

  it('breaks seals that a crash has left without a version, after a day', async () => {
    const { id, experimentId } = await newRun()
    const folder = `${experimentId}/${id}/artifacts/model`
    await stores.artifacts.seal(folder, 'a version that was never registered')
    stores.clock.advance(day)
    await garbage.collect({ olderThanMs })
    expect(await stores.artifacts.isSealed(folder)).toBe(true)
    stores.clock.advance(1)
    await garbage.collect({ olderThanMs, dryRun: true })
    expect(await stores.artifacts.isSealed(folder)).toBe(true)
    await garbage.collect({ olderThanMs })
    expect(await stores.artifacts.isSealed(folder)).toBe(false)
  })

  it('goes on where a crash ended it', async () => {
    const runs = [await newRun(), await newRun()]
    for (const run of runs) await tracking.deleteRun(run.id)
    stores.clock.advance(olderThanMs + 1)
    const crash = new Error('killed')
    const dying = createWith({ ...purges, finish: () => Promise.reject(crash) })
    await expect(dying.collect({ olderThanMs })).rejects.toBe(crash)
    expect(await purges.listBegun()).toHaveLength(1)
    expect(await garbage.collect({ olderThanMs })).toMatchObject({ runs: 2, complete: true })
    expect(await purges.listBegun()).toEqual([])
    expect(await rowsLeft()).toEqual({})
    expect(await objectKeys()).toEqual([])
  })

  it('leaves what was restored in between', async () => {
    const run = await newRun()
    await tracking.deleteRun(run.id)
    stores.clock.advance(olderThanMs + 1)
    const late = createWith({
      ...purges,
      async begin(purge, before) {
        await tracking.restoreRun(run.id)
        return purges.begin(purge, before)
      },
    })
    expect(await late.collect({ olderThanMs })).toEqual({ ...nothing, dryRun: false })
    expect((await tracking.getRun(run.id)).metrics).toHaveLength(1)
  })

  it('stops when its time is spent and goes on when asked again', async () => {
    for (let i = 0; i < 3; i++) await tracking.deleteRun((await newRun()).id)
    stores.clock.advance(olderThanMs + 1)
    const slow = createWith({
      ...purges,
      async finish(purge) {
        await purges.finish(purge)
        stores.clock.advance(10)
      },
    })
    expect(await slow.collect({ olderThanMs, budgetMs: 15 })).toMatchObject({ runs: 2, complete: false })
    expect(await slow.collect({ olderThanMs, budgetMs: 15 })).toMatchObject({ runs: 1, complete: true })
  })

  it('comes to its end though stages take longer than its time', async () => {
    const contents = { files: 1, bytes: 2 }
    const slow = createWith(purges, stores.db, {
      contents: {
        async collect() {
          stores.clock.advance(100)
          return contents
        },
      },
      features: {
        async removeUnusedTables({ isSpent }) {
          return { tables: 0, keys: 0, busy: 0, complete: !isSpent?.() }
        },
      },
    })
    expect(await slow.collect({ olderThanMs, budgetMs: 15 })).toMatchObject({ contents, complete: true })
  })

  it('does not stop for what it keeps: the next one would come no further', async () => {
    for (let i = 0; i < 3; i++) await tracking.deleteRun((await newRun()).id)
    stores.clock.advance(olderThanMs + 1)
    const slow = createWith({
      ...purges,
      async begin() {
        stores.clock.advance(10)
        return false
      },
    })
    expect(await slow.collect({ olderThanMs, budgetMs: 15 })).toMatchObject({ runs: 0, complete: true })
  })

  it('leaves files that lie elsewhere, or in a folder that might be shared, to others', async () => {
    const shared = await tracking.createExperiment({ name: 'outside', artifactLocation: 's3://bucket/x' })
    const run = await tracking.createRun({ experimentId: shared.id })
    await tracking.deleteRun(run.id)
    stores.clock.advance(olderThanMs + 1)
    expect(await garbage.collect({ olderThanMs })).toMatchObject({ runs: 1, outside: 1 })
  })

  it('is collected by one at a time', async () => {
    const lock = await stores.db.lock('garbage')
    await expect(garbage.collect({ olderThanMs })).rejects.toMatchObject({ code: 'garbage.running' })
    await lock?.release()
    await garbage.collect({ olderThanMs })
  })
})

describe('garbage of the object store', () => {
  it('is what no row names, after a day', async () => {
    await stores.artifacts.put('1/kept', bytes('kept'))
    await stores.objects.put('artifacts/1/run/crashed', bytes('half'))
    await stores.objects.put('content/ab/cd', bytes('not ours'))
    expect(await garbage.collect({ olderThanMs })).toEqual({ ...nothing, dryRun: false })
    stores.clock.advance(2 * day)
    const expected = { ...nothing, orphans: { files: 1, bytes: 4 } }
    expect(await garbage.collect({ olderThanMs, dryRun: true })).toEqual({ ...expected, dryRun: true })
    expect(await garbage.collect({ olderThanMs })).toEqual({ ...expected, dryRun: false })
    expect(await objectKeys()).toEqual(['artifacts/1/kept', 'content/ab/cd'])
  })

  it('is the mark of a writer that was killed, once its row is right', async () => {
    const db = stores.db.tables<{ artifact_writes: { path: string; id: string; expires_at: number } }>()
    const marks = () => db.selectFrom('artifact_writes').selectAll().execute()
    await stores.artifacts.put('1/a', bytes('old'))
    const expires_at = stores.clock.now() + 1000
    await db.insertInto('artifact_writes').values({ path: '1/a', id: 'killed', expires_at }).execute()
    await stores.objects.put('artifacts/1/a', bytes('newer'))
    await garbage.collect({ olderThanMs })
    expect(await marks()).toHaveLength(1)
    stores.clock.advance(2000)
    await garbage.collect({ olderThanMs, dryRun: true })
    expect(await marks()).toHaveLength(1)
    await garbage.collect({ olderThanMs })
    expect(await marks()).toEqual([])
    expect((await stores.artifacts.list('1')).items).toMatchObject([{ path: '1/a', size: 5 }])
  })

  it('is the parts of uploads that nobody goes on with', async () => {
    const old = await stores.artifacts.createUpload('1/old', 3)
    await stores.artifacts.putPart(old.id, 1, bytes('one'))
    await stores.artifacts.putPart(old.id, 2, bytes('two'))
    stores.clock.advance(2 * day)
    const going = await stores.artifacts.createUpload('1/going', 1)
    await stores.artifacts.putPart(going.id, 1, bytes('part'))
    const expected = { ...nothing, uploads: { uploads: 1, files: 2, bytes: 6 } }
    expect(await garbage.collect({ olderThanMs, dryRun: true })).toEqual({ ...expected, dryRun: true })
    expect(await garbage.collect({ olderThanMs })).toEqual({ ...expected, dryRun: false })
    await stores.artifacts.completeUpload(going.id, [{ number: 1 }])
    expect(await objectKeys()).toEqual(['artifacts/1/going'])
    await expect(stores.artifacts.putPart(old.id, 3, bytes('x'))).rejects.toMatchObject({
      code: 'artifact.upload_not_found',
    })
  })
})
