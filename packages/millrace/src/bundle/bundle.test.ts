import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundleProject, loadProject } from './index.ts'

const config = `import { calendar } from './views.ts'
import { csv, dataset, featureService, project, t } from 'millrace'
const events = dataset('events', { source: csv('data/events.csv'), schema: { at: t.timestamp() }, timestamp: 'at' })
export default project({
  name: 'shop',
  definitions: [events, featureService('features', [calendar], { timestamp: 'at' })],
})
`
const views = `import { basename } from 'node:path'
import parts from 'parts'
import { onDemand, t } from 'millrace'
export const calendar = onDemand('calendar', {
  input: { at: t.timestamp() },
  features: { hour: t.int64(), name: t.string() },
  // A comment that is not kept.
  compute: ({ at }) => ({ hour: at.getUTCHours() + parts.zero, name: basename('/a/b') }),
})
`

let folder: string

async function write(root: string, files: Record<string, string>): Promise<string> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(root, name, '..'), { recursive: true })
    await writeFile(join(root, name), text)
  }
  return join(root, 'millrace.config.ts')
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bundle-test-'))
  await write(join(folder, 'one'), {
    'millrace.config.ts': config,
    'views.ts': views,
    'node_modules/parts/package.json': '{"name":"parts","version":"1.0.0","main":"main.js"}',
    'node_modules/parts/main.js': 'module.exports = { zero: 0 }',
  })
  await cp(join(folder, 'one'), join(folder, 'some/where/else'), { recursive: true })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('bundleProject', () => {
  it('gives the same bytes in two folders, without a trace of either', async () => {
    const one = await bundleProject(join(folder, 'one/millrace.config.ts'))
    const two = await bundleProject(join(folder, 'some/where/else/millrace.config.ts'))
    expect(two).toEqual(one)
    expect(one.digest).toMatch(/^[a-f0-9]{64}$/)
    expect(one.code).not.toContain(folder)
    expect(one.code).not.toContain('node_modules')
    expect(one.code).not.toContain(process.cwd())
    expect(one.code.length).toBeLessThan(40_000)
  })

  it('exports the project and the lookup that the server calls', async () => {
    const { code } = await bundleProject(join(folder, 'one/millrace.config.ts'))
    const file = join(folder, 'bundle.mjs')
    await writeFile(file, code)
    const bundle = (await import(pathToFileURL(file).href)) as {
      default: { name: string }
      findFunction(kind: string, name: string): ((row: unknown) => unknown) | undefined
    }
    expect(bundle.default.name).toBe('shop')
    const compute = bundle.findFunction('on-demand-view', 'calendar')
    expect(compute?.({ at: new Date('2001-01-01T05:00:00Z') })).toEqual({ hour: 5, name: 'b' })
    expect(bundle.findFunction('step', 'calendar')).toBeUndefined()
  })

  it('changes the digest with the code', async () => {
    const changed = await write(join(folder, 'changed'), {
      'millrace.config.ts': config,
      'views.ts': views.replace('parts.zero', '1').replace("import parts from 'parts'\n", ''),
    })
    const { digest } = await bundleProject(join(folder, 'one/millrace.config.ts'))
    expect((await bundleProject(changed)).digest).not.toBe(digest)
  })

  it('names the file that is missing, the line that cannot be read and the import that cannot be found', async () => {
    await expect(bundleProject(join(folder, 'none.ts'))).rejects.toMatchObject({ code: 'project.not_found' })
    const broken = await write(join(folder, 'broken'), {
      'millrace.config.ts': 'const a = 1\nconst b = = 2\n',
    })
    await expect(bundleProject(broken)).rejects.toThrow('millrace.config.ts:2: Unexpected "="')
    const lost = await write(join(folder, 'lost'), { 'millrace.config.ts': "import './lost.ts'\n" })
    await expect(bundleProject(lost)).rejects.toThrow('millrace.config.ts:1: Could not resolve "./lost.ts"')
  })
})

describe('loadProject', () => {
  it('gives what apply sends, with paths that start from the folder of the configuration', async () => {
    const loaded = await loadProject(join(folder, 'one/millrace.config.ts'))
    expect(loaded.project).toBe('shop')
    expect(loaded.definitions).toMatchObject([
      { kind: 'dataset', source: { format: 'csv', path: join(folder, 'one/data/events.csv') } },
      { kind: 'on-demand-view', code: { bundle: loaded.digest } },
      { kind: 'feature-service', onDemandViews: ['calendar'] },
    ])
    expect(loaded.bundle).toContain('findFunction')
  })

  it('sends no bundle without code', async () => {
    const plain = await write(join(folder, 'plain'), {
      'millrace.config.ts': `import { entity, project, t } from 'millrace'
export default project({ name: 'plain', definitions: [entity('a', { key: { id: t.string() } })] })`,
    })
    expect(await loadProject(plain)).toMatchObject({ bundle: null, digest: null, project: 'plain' })
  })

  it('takes learners in, which travel as data', async () => {
    const config = await write(join(folder, 'learns'), {
      'millrace.config.ts': `import { buildTrainingSet, csv, dataset, featureService, ingest, label, pipeline, project, t, train, trainingSet } from 'millrace'
import { impute, pipeline as steps, ridge } from 'millrace/learn'
const events = dataset('events', { source: csv('e.csv'), schema: { at: t.timestamp(), n: t.int64() }, timestamp: 'at' })
const service = featureService('service', [], { timestamp: 'at', request: { n: t.int64() } })
const set = trainingSet('set', { spine: events, service, label: label('y', t.float64(), 'n * 2') })
const learner = steps({ columns: [['n', [impute()]]], learner: ridge({ alpha: 2 }) })
const training = pipeline('training', { params: {} }, () => {
  const data = buildTrainingSet({ set, version: ingest({ dataset: events }), from: new Date(0), until: new Date(1) })
  train({ data, experiment: 'x', learner })
})
export default project({ name: 'learns', definitions: [events, service, set, training] })`,
    })
    const { definitions } = await loadProject(config)
    const training = definitions.find(({ kind }) => kind === 'pipeline')
    expect(training).toMatchObject({
      nodes: [
        { step: 'ingest' },
        { step: 'build-training-set' },
        {
          step: 'train',
          inputs: {
            learner: {
              const: { kind: 'pipeline', options: { learner: { kind: 'ridge', options: { alpha: 2 } } } },
            },
          },
        },
      ],
    })
  })

  it('says what is wrong with a configuration', async () => {
    const none = await write(join(folder, 'no-export'), { 'millrace.config.ts': 'export default 1\n' })
    await expect(loadProject(none)).rejects.toThrow('its default export must be what project(')
    const wrong = await write(join(folder, 'wrong'), {
      'millrace.config.ts': `import { entity, project } from 'millrace'
export default project({ name: 'x', definitions: [entity('a', { key: {} })] })`,
    })
    await expect(loadProject(wrong)).rejects.toThrow('entity "a": the key needs at least one column')
  })
})
