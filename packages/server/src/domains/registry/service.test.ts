import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { migrations } from '../../migrations/index.ts'
import { createTemporaryStores } from '../../testing/temporary-stores.ts'
import { readManifest } from './manifest.ts'
import { createRegistryService, type RegistryService } from './service.ts'

let stores: Awaited<ReturnType<typeof createTemporaryStores>>
let registry: RegistryService

beforeAll(async () => {
  stores = await createTemporaryStores([])
  await stores.db.migrate(migrations)
  registry = createRegistryService(stores)
})
afterAll(() => stores.close())

const code = (wanted: string) => expect.objectContaining({ code: wanted })
const versionOf = (model: string, over: { passed?: boolean; key?: string; manifest?: string } = {}) => ({
  model,
  key: over.key,
  manifest: over.manifest ?? 'a'.repeat(64),
  gate: { passed: over.passed ?? true, reason: 'the reason', evaluation: null, metrics: { auc: 0.7 } },
  lineage: {
    run: `run-of-${model}`,
    trainingSet: `set-of-${model}`,
    datasets: [
      { dataset: 'flights', version: `v-${model}` },
      { dataset: 'flights', version: `v-${model}` },
      { dataset: 'weather', version: 'v1' },
    ],
    definitions: { 'feature-view/delays': 'hash' },
    bundles: ['bundle'],
  },
})
const register = (...args: Parameters<typeof versionOf>) => registry.registerVersion(versionOf(...args))

describe('versions', () => {
  it('count from 1 without gaps when registered at the same time', async () => {
    const all = await Promise.all(Array.from({ length: 10 }, () => register('counted')))
    expect(all.map(({ version }) => version).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    const page = await registry.listVersions('counted', { limit: 3 })
    expect(page.items.map(({ version }) => version)).toEqual([10, 9, 8])
    expect(page.nextPageToken).toBeDefined()
  })

  it('are registered once per key', async () => {
    const [first, second] = await Promise.all([
      register('keyed', { key: 'p/1' }),
      register('keyed', { key: 'p/1' }),
    ])
    expect(second).toEqual(first)
    await expect(register('keyed', { key: 'p/1', manifest: 'b'.repeat(64) })).rejects.toEqual(
      code('model.registration_conflict'),
    )
    const audit = await stores.stream.read('audit', { limit: 1000 })
    expect(audit.filter(({ data }) => data.model === 'keyed')).toHaveLength(1)
  })

  it('know where they come from, and what came from there', async () => {
    const made = await register('traced')
    expect(await registry.getVersion(made)).toEqual(made)
    const backwards = [{ dataset: 'flights', version: 'v-traced' }, { trainingSet: 'set-of-traced' }]
    for (const query of [...backwards, { run: 'run-of-traced' }]) {
      expect((await registry.listVersionsBy(query)).items).toEqual([made])
    }
    expect((await registry.listVersionsBy({ dataset: 'flights', version: 'none' })).items).toEqual([])
  })

  it.each(['', ' ', 'a/b', 'a:b', '..', 'a\nb', 'x'.repeat(257)])(
    'refuse the model name %j',
    async (name) => {
      await expect(register(name)).rejects.toEqual(code('model.name_invalid'))
    },
  )

  it('refuse more tags than a statement has room for', async () => {
    const tags = Object.fromEntries(Array.from({ length: 5001 }, (_, index) => [`t${index}`, '']))
    await expect(registry.createModel({ name: 'tags', tags })).rejects.toEqual(code('model.entry_invalid'))
    await expect(registry.getModel('tags')).rejects.toEqual(code('model.not_found'))
  })

  it('that do not exist are named', async () => {
    await register('single')
    await expect(registry.getVersion({ model: 'none', version: 1 })).rejects.toEqual(code('model.not_found'))
    await expect(registry.resolve('single/2')).rejects.toEqual(code('model.version_not_found'))
    await expect(registry.listVersions('none')).rejects.toEqual(code('model.not_found'))
  })
})

describe('aliases', () => {
  const point = (model: string, version: number) =>
    registry.setAlias({ model, alias: 'champion', version, by: 'test', reason: `version ${version}` })

  it('resolve, move and remember who was what when', async () => {
    await register('moved')
    await register('moved')
    expect(await registry.find('moved@champion')).toBeUndefined()
    await expect(registry.resolve('moved@champion')).rejects.toEqual(code('model.alias_not_found'))
    await expect(registry.resolve('nowhere@champion')).rejects.toEqual(code('model.not_found'))
    const { at: first } = await point('moved', 1)
    stores.clock.advance(100)
    const { at: second } = await point('moved', 2)
    stores.clock.advance(100)
    expect(await point('moved', 2)).toMatchObject({ at: second })
    expect(await registry.resolve('moved@champion')).toMatchObject({ version: 2 })
    const at = (time: number) => registry.findAliasAt({ model: 'moved', alias: 'champion', at: time })
    expect(await at(first - 1)).toBeUndefined()
    expect(await at(second - 1)).toMatchObject({ version: 1, by: 'test', reason: 'version 1' })
    expect(await at(second)).toMatchObject({ version: 2 })
    const history = await registry.listAliasHistory({ model: 'moved', alias: 'champion' })
    expect(history.items.map(({ version }) => version)).toEqual([2, 1])
    const { items } = await registry.listModels({ limit: 1000 })
    expect(items.find(({ name }) => name === 'moved')).toMatchObject({
      latestVersion: 2,
      aliases: { champion: 2 },
    })
  })

  it('never point at a rejected version', async () => {
    const { version, status, reason } = await register('bad', { passed: false })
    expect({ status, reason }).toEqual({ status: 'REJECTED', reason: 'the reason' })
    await expect(point('bad', version)).rejects.toThrow(/rejected.*the reason/)
    expect(await registry.find('bad@champion')).toBeUndefined()
  })

  it.each(['latest', 'v3', 'V3', '', 'a b'])('refuse the name %j', async (alias) => {
    const input = { model: 'single', alias, version: 1, by: 'test', reason: 'x' }
    await expect(registry.setAlias(input)).rejects.toEqual(code('model.name_invalid'))
  })

  it.each(['single', 'single@', 'single/0', 'single/x', 'a/b/c', 'a@b c', '@champion'])(
    'refuse the reference %j',
    async (reference) => {
      await expect(registry.resolve(reference)).rejects.toEqual(code('model.name_invalid'))
    },
  )
})

describe('latest versions', () => {
  it('are the highest of each stage, of many models in one answer', async () => {
    for (const model of ['staged', 'other']) for (let i = 0; i < 4; i++) await register(model)
    const move = (version: number, stage: 'Staging' | 'Production') =>
      registry.transitionStage({ model: 'staged', version, stage, by: 'test', reason: 'x' })
    await move(1, 'Staging')
    await move(2, 'Staging')
    await move(3, 'Production')
    await registry.deleteVersion({ model: 'other', version: 4 }, 'test')
    const latest = await registry.listLatestVersionsOf(['staged', 'none', 'other'])
    const numbers = [...latest].map(([model, versions]) => [model, versions.map(({ version }) => version)])
    expect(numbers).toEqual([
      ['other', [3]],
      ['staged', [2, 3, 4]],
    ])
    expect(await registry.listLatestVersions('staged')).toEqual(latest.get('staged'))
    expect(await registry.listLatestVersions('staged', ['Staging'])).toMatchObject([{ version: 2 }])
    expect(await registry.listLatestVersionsOf([])).toEqual(new Map())
  })
})

describe('readManifest', () => {
  it('refuses content that is not a manifest', async () => {
    const model = {
      kind: 'model',
      files: { 'model.bin': 'd' },
      features: [],
      label: { name: 'y', type: 'int64' },
    }
    const classifier = { ...model, task: 'binary-classification', classes: [0, 1] }
    const refused = [
      null,
      {},
      { kind: 'model', files: {} },
      { ...model, task: 'forecast' },
      { ...classifier, classes: undefined },
      { ...classifier, task: 'regression' },
      { ...classifier, label: undefined },
      { ...classifier, features: undefined },
    ]
    for (const text of ['x', ...refused.map((manifest) => JSON.stringify(manifest))]) {
      const { digest } = await stores.content.putBytes(Buffer.from(text))
      await expect(readManifest(stores.content, digest)).rejects.toEqual(code('model.manifest_invalid'))
    }
    const { digest } = await stores.content.putBytes(Buffer.from(JSON.stringify(classifier)))
    expect(await readManifest(stores.content, digest)).toEqual(classifier)
    await expect(readManifest(stores.content, 'none')).rejects.toEqual(code('content.not_found'))
  })
})
