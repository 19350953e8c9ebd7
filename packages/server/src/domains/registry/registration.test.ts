import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ArtifactTables } from '../artifacts/store.ts'
import { createNamedLookup } from './named.ts'
import { createTestRegistry, mlmodel } from './testing/test-registry.ts'

let bed: Awaited<ReturnType<typeof createTestRegistry>>
beforeAll(async () => {
  bed = await createTestRegistry()
})
afterAll(() => bed.close())

const code = (wanted: string) => expect.objectContaining({ code: wanted })
let names = 0
async function newModel(): Promise<string> {
  const { name } = await bed.registry.createModel({ name: `registered-${++names}` })
  return name
}

describe('createVersion', () => {
  it('keeps digest, signature and commit of a model folder and seals its files', async () => {
    const model = await newModel()
    const { id, source, folder } = await bed.runWithModel(
      { MLmodel: mlmodel(), 'model.onnx': 'bytes' },
      { 'mlflow.source.git.commit': 'abc' },
    )
    const made = await bed.registry.createVersion({ model, source, runId: id, tags: { team: 'a' } })
    expect(made).toMatchObject({
      version: 1,
      label: '1.0.0',
      status: 'READY',
      stage: 'None',
      source,
      storageLocation: source,
      tags: { team: 'a' },
      lineage: { run: id, commit: 'abc' },
      spec: {
        algorithm: ['onnx'],
        signature: {
          inputs: [{ name: 'x', type: 'double' }],
          outputs: [{ name: '0', type: 'long' }],
          params: [],
        },
      },
    })
    expect(made.digest).toBe((await bed.artifacts.digestOf(folder)).digest)
    expect(await bed.registry.getVersion(made)).toEqual(made)
    const put = (bytes: string) => bed.artifacts.put(`${folder}/model.onnx`, Buffer.from(bytes))
    await expect(put('other')).rejects.toEqual(code('artifact.sealed'))
    await put('bytes')
    expect((await bed.registry.listVersionsBy({ commit: 'abc' })).items).toEqual([made])
    await bed.registry.deleteVersion(made, 'test')
    await put('other')
    expect((await bed.registry.listVersionsBy({ commit: 'abc' })).items).toEqual([])
    await expect(bed.registry.getVersion(made)).rejects.toEqual(code('model.version_not_found'))
    const next = await bed.registry.createVersion({ model, source: 's3://b/x' })
    expect(next).toMatchObject({ version: 2, label: '1.0.1', digest: null })
  })

  it('holds its seal until it is deleted', async () => {
    const model = await newModel()
    const { source, folder } = await bed.runWithModel({ MLmodel: mlmodel(), 'model.onnx': 'x' })
    const version = await bed.registry.createVersion({ model, source })
    const { holder } = await bed.db
      .tables<ArtifactTables>()
      .selectFrom('artifact_seals')
      .select('holder')
      .where('folder', '=', folder)
      .executeTakeFirstOrThrow()
    const { findSeals } = createNamedLookup(bed)
    expect(await findSeals([holder, 'nobody'])).toEqual(new Set([holder]))
    await bed.registry.deleteVersion(version, 'test')
    expect(await findSeals([holder, 'nobody'])).toEqual(new Set())
  })

  it('lets go of the files only when the last version of them is gone, and when its model is deleted', async () => {
    const [one, two] = [await newModel(), await newModel()]
    const { source, folder } = await bed.runWithModel({ MLmodel: mlmodel(), 'model.onnx': 'x' })
    const first = await bed.registry.createVersion({ model: one, source })
    const copy = await bed.registry.createVersion({ model: two, source: `models:/${one}/1` })
    expect(copy).toMatchObject({ source: `models:/${one}/1`, storageLocation: source, digest: first.digest })
    expect((await bed.registry.getLineage(first)).copies).toEqual([{ model: two, version: 1 }])
    await bed.registry.deleteVersion(first, 'test')
    expect(await bed.artifacts.isSealed(folder)).toBe(true)
    await bed.registry.renameModel(two, `${two}-renamed`)
    await bed.registry.deleteModel(`${two}-renamed`)
    expect(await bed.artifacts.isSealed(folder)).toBe(false)
  })

  it('takes run, files and a note from a logged model', async () => {
    const model = await newModel()
    const run = await bed.tracking.createRun({ experiment: 'logged' })
    const logged = await bed.tracking.createLoggedModel({ experimentId: run.experimentId, sourceRun: run.id })
    await bed.artifacts.put(
      `${logged.artifactUri.replace('mlflow-artifacts:/', '')}/MLmodel`,
      Buffer.from(mlmodel()),
    )
    const made = await bed.registry.createVersion({ model, source: `models:/${logged.id}` })
    expect(made).toMatchObject({
      modelId: logged.id,
      storageLocation: logged.artifactUri,
      lineage: { run: run.id },
    })
    const { tags } = await bed.tracking.getLoggedModel(logged.id)
    expect(JSON.parse(tags['mlflow.modelVersions'])).toEqual([{ name: model, version: '1' }])
    expect((await bed.registry.listVersionsBy({ loggedModel: logged.id })).items).toEqual([made])
    expect((await bed.registry.listVersionsBy({ run: run.id })).items).toEqual([made])
  })

  it.each([
    ['', 'empty'],
    ['/etc/passwd', 'To use a local path'],
    ['file:///etc/passwd', 'To use a local path'],
    ['file:/etc/../x', '".."'],
    ['s3://bucket/a/../../b', '".."'],
    ['s3://bucket/a/%2e%2e/b', '".."'],
    ['s3://bucket/a/%252e%252e/b', '".."'],
    ['s3://bucket/a%00b', 'NUL'],
    ['s3:', 'no place'],
    ['C:\\x', 'To use a local path'],
    ['s3://bucket/a/./b', '"."'],
    ['http://host/model', 'no storage'],
    ['HTTPS://host/model', 'no storage'],
    ['ftp://host/model', 'no storage'],
    ['models:/m-00000000000000000000000000000000', 'no logged model'],
    ['models://host/x', 'Expected models:/'],
    ['runs:/nothing/model', 'Expected runs:/'],
  ])('refuses the source %j', async (source, reason) => {
    const model = await newModel()
    await expect(bed.registry.createVersion({ model, source })).rejects.toThrow(
      new RegExp(`^Invalid model version source: .*${reason.replace(/[.]/g, '\\.')}`),
    )
    expect((await bed.registry.getModel(model)).latestVersion).toBe(0)
  })

  it('says what is missing of a version that a source names', async () => {
    const model = await newModel()
    const create = (source: string) => bed.registry.createVersion({ model, source })
    await expect(create('models:/nothing/1')).rejects.toMatchObject({ code: 'model.not_found' })
    await expect(create(`models:/${model}/9`)).rejects.toMatchObject({ code: 'model.version_not_found' })
    await expect(create(`models:/${model}@none`)).rejects.toMatchObject({ code: 'model.alias_not_found' })
    expect((await bed.registry.getModel(model)).latestVersion).toBe(0)
  })

  it.each([
    's3://bucket/a/b',
    's3://bucket//a//b',
    'gs://b/ä',
    's3://bucket/100%25',
    'mlflow-artifacts:/0/r/artifacts/m',
    'dbfs:/a',
  ])('accepts the source %j', async (source) => {
    const model = await newModel()
    expect(await bed.registry.createVersion({ model, source })).toMatchObject({ source })
  })

  it('counts without gaps and gives every version its label when two processes register at once', async () => {
    const model = await newModel()
    const [a, b] = [bed.registry, bed.another()]
    const { source } = await bed.runWithModel({ MLmodel: mlmodel(), 'model.onnx': 'x' })
    const made = await Promise.all(
      Array.from({ length: 10 }, (_, i) => (i % 2 ? a : b).createVersion({ model, source })),
    )
    const sorted = made.toSorted((x, y) => x.version - y.version)
    expect(sorted.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(sorted.map(({ label }) => label)).toEqual(Array.from({ length: 10 }, (_, i) => `1.0.${i}`))
  })

  it('needs the logged model that is named with the source', async () => {
    const input = { model: await newModel(), source: 's3://b/x', modelId: 'm-none' }
    await expect(bed.registry.createVersion(input)).rejects.toEqual(code('logged_model.not_found'))
  })

  it('needs a model', async () => {
    const input = { model: 'no such model', source: 's3://b/x' }
    await expect(bed.registry.createVersion(input)).rejects.toEqual(code('model.not_found'))
  })
})

describe('labels', () => {
  const version = async (model: string, file: string, change?: 'architecture' | 'features' | 'data') => {
    const { source } = await bed.runWithModel({ MLmodel: file, 'model.onnx': 'x' })
    const { label, change: made } = await bed.registry.createVersion({ model, source, change })
    return { label, ...made }
  }

  it('say what changed: architecture, features, or data only', async () => {
    const model = await newModel()
    const wide = [
      { name: 'x', type: 'double' },
      { name: 'y', type: 'double' },
    ]
    expect(await version(model, mlmodel())).toMatchObject({ label: '1.0.0', since: null })
    expect(await version(model, mlmodel())).toMatchObject({ label: '1.0.1', kind: 'data', since: 1 })
    expect(await version(model, mlmodel({ inputs: wide }))).toMatchObject({
      label: '1.1.0',
      kind: 'features',
    })
    const other = await version(model, mlmodel({ inputs: wide, flavor: 'lightgbm' }))
    expect(other).toMatchObject({ label: '2.0.0', kind: 'architecture' })
    expect(other.details).toEqual(['algorithm: ["onnx"] became ["lightgbm"]'])
    const outputs = mlmodel({ inputs: wide, flavor: 'lightgbm', outputs: [{ type: 'double' }] })
    expect(await version(model, outputs)).toMatchObject({ label: '3.0.0', kind: 'architecture' })
  })

  it('are never lighter than what was declared, nor than what was seen', async () => {
    const model = await newModel()
    await version(model, mlmodel())
    expect(await version(model, mlmodel(), 'features')).toMatchObject({ label: '1.1.0', kind: 'features' })
    const lied = await version(model, mlmodel({ flavor: 'xgboost' }), 'data')
    expect(lied).toMatchObject({ label: '2.0.0', kind: 'architecture', declared: 'data' })
  })
})

describe('models', () => {
  it('are created once, described, tagged, renamed and deleted whole', async () => {
    const name = await newModel()
    await expect(bed.registry.createModel({ name })).rejects.toEqual(code('model.exists'))
    bed.clock.advance(5)
    await bed.registry.updateModel(name, { description: 'new' })
    await bed.registry.setModelTag(name, { key: 'a', value: '1' })
    await bed.registry.setModelTag(name, { key: 'a', value: '2' })
    await bed.registry.deleteModelTag(name, 'missing')
    await bed.registry.createVersion({ model: name, source: 's3://b/x', tags: { t: '1' } })
    const renamed = `${name} renamed`
    await bed.registry.renameModel(name, renamed)
    expect(await bed.registry.getModel(renamed)).toMatchObject({ description: 'new', tags: { a: '2' } })
    expect(await bed.registry.getVersion({ model: renamed, version: 1 })).toMatchObject({ tags: { t: '1' } })
    await expect(bed.registry.getModel(name)).rejects.toEqual(code('model.not_found'))
    const taken = await newModel()
    await expect(bed.registry.renameModel(renamed, taken)).rejects.toEqual(code('model.exists'))
    await bed.registry.deleteModel(renamed)
    await bed.registry.createModel({ name: renamed })
    expect(await bed.registry.createVersion({ model: renamed, source: 's3://b/x' })).toMatchObject({
      version: 1,
      tags: {},
    })
  })

  it('that are served are neither deleted nor renamed, and neither are their served versions', async () => {
    const model = await newModel()
    const { version } = await bed.registry.createVersion({ model, source: 's3://b/x' })
    const other = await bed.registry.createVersion({ model, source: 's3://b/x' })
    bed.uses.push({ model, version, endpoint: 'live', revision: 1, role: 'stable' })
    const refused = expect.objectContaining({
      code: 'model.in_use',
      message: expect.stringContaining('"live"'),
    })
    await expect(bed.registry.deleteModel(model)).rejects.toEqual(refused)
    await expect(bed.registry.renameModel(model, `${model}-2`)).rejects.toEqual(refused)
    await expect(bed.registry.deleteVersion({ model, version }, 'test')).rejects.toEqual(refused)
    await bed.registry.deleteVersion(other, 'test')
    expect((await bed.registry.getLineage({ model, version })).endpoints).toEqual(bed.uses.slice(-1))
  })

  it.each([
    ['', 'x'],
    ['a'.repeat(251), 'x'],
    ['a//b', 'x'],
    ['../a', 'x'],
    ['a?', 'x'],
    ['a', 'x'.repeat(100_001)],
    ['a', 'x\0'],
  ])('refuse the tag %j', async (key, value) => {
    const name = await newModel()
    await expect(bed.registry.setModelTag(name, { key, value })).rejects.toEqual(code('model.entry_invalid'))
  })
})
