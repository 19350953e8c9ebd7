import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { migrations } from '../../migrations/index.ts'
import { createTemporaryStores } from '../../testing/temporary-stores.ts'
import { createRegistryService } from './service.ts'

let stores: Awaited<ReturnType<typeof createTemporaryStores>>

/** A registry as it was before it had tags, stages and sources. */
beforeAll(async () => {
  stores = await createTemporaryStores([])
  await stores.db.migrate(migrations.filter(({ id }) => id < '0010'))
  const db = stores.db.tables<unknown>()
  await sql`insert into experiments (id, name, created_at) values (7, 'late', 1)`.execute(db)
  await sql`insert into runs (id, experiment_id, name, status, started_at) values ('run-a', 7, 'a', 'FINISHED', 1)`.execute(
    db,
  )
  await sql`insert into registered_models (name, created_at) values ('late-flights', 5)`.execute(db)
  const gate = JSON.stringify({ passed: true, reason: 'good', evaluation: null, metrics: { auc: 0.7 } })
  for (const [version, run, status] of [
    [1, 'run-a', 'READY'],
    [2, null, 'REJECTED'],
    [3, 'run-gone', 'READY'],
  ] as const) {
    const lineage = JSON.stringify({
      run,
      trainingSet: 'set',
      datasets: [{ dataset: 'flights', version: 'v1' }],
      definitions: { 'feature-view/a': 'hash-a', 'feature-view/b': 'hash-a' },
      bundles: ['bundle'],
    })
    await sql`insert into model_versions (model, version, idempotency_key, status, reason, manifest, run_id, training_set,
        gate, tags, lineage, created_at)
      values ('late-flights', ${version}, ${`key-${version}`}, ${status}, 'good', ${'m'.repeat(64)}, ${run}, 'set',
        ${gate}, ${JSON.stringify({ trained: `to ${version}` })}, ${lineage}, ${version * 10})`.execute(db)
    await sql`insert into model_version_datasets (dataset, dataset_version, model, version)
      values ('flights', 'v1', 'late-flights', ${version})`.execute(db)
  }
  for (const [sequence, version] of [
    [1, 1],
    [2, 3],
    [3, 1],
  ]) {
    await sql`insert into model_aliases (model, alias, sequence, version, set_at, set_by, reason)
      values ('late-flights', 'champion', ${sequence}, ${version}, ${sequence * 100}, 'serving', 'won')`.execute(
      db,
    )
  }
  await stores.db.migrate(migrations)
})
afterAll(() => stores.close())

describe('a registry of before', () => {
  it('is whole afterwards, with labels, sources, origins and where aliases point', async () => {
    const registry = createRegistryService(stores)
    const [third, second, first] = (await registry.listVersions('late-flights')).items
    expect(first).toMatchObject({
      version: 1,
      label: '1.0.0',
      status: 'READY',
      stage: 'None',
      source: 'mlflow-artifacts:/7/run-a/artifacts/model',
      manifest: 'm'.repeat(64),
      gate: { metrics: { auc: 0.7 } },
      tags: { trained: 'to 1' },
      aliases: ['champion'],
      lineage: { run: 'run-a', commit: null, bundles: ['bundle'] },
      createdAt: 10,
      updatedAt: 10,
    })
    expect([second.status, second.label, second.source]).toEqual(['REJECTED', '1.0.1', null])
    expect([third.label, third.source]).toEqual(['1.0.2', null])
    expect(await registry.getModel('late-flights')).toMatchObject({
      aliases: { champion: 1 },
      latestVersion: 3,
      updatedAt: 5,
    })
    for (const by of [
      { definition: 'hash-a' },
      { bundle: 'bundle' },
      { dataset: 'flights', version: 'v1' },
      { trainingSet: 'set' },
    ]) {
      expect((await registry.listVersionsBy(by)).items).toHaveLength(3)
    }
    const at = { model: 'late-flights', alias: 'champion', at: 250 }
    expect(await registry.findAliasAt(at)).toMatchObject({ version: 3, by: 'serving' })
    const decision = { by: 'test', reason: 'back' }
    expect(await registry.rollbackAlias(at, decision)).toMatchObject({ version: 3 })
  })

  it('goes on where it was', async () => {
    const registry = createRegistryService(stores)
    const again = {
      model: 'late-flights',
      key: 'key-1',
      manifest: 'm'.repeat(64),
      gate: { passed: true, reason: 'good', evaluation: null, metrics: {} },
      lineage: { run: 'run-a', trainingSet: 'set', datasets: [], definitions: {}, bundles: [] },
    }
    expect(await registry.registerVersion(again)).toMatchObject({ version: 1 })
    expect(await registry.registerVersion({ ...again, key: 'key-4' })).toMatchObject({
      version: 4,
      label: '1.0.3',
    })
  })
})
