import { appendFile, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openMlflowSource } from '../open-source.ts'
import { writeDatabase, writeFileStore } from '../testing/fixture-stores.ts'
import { readAll } from '../testing/read-all.ts'

/** Stores that were filled by test/interop/moving/fill_store.py. */

const start = 1_700_000_000_000
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mlflow-source-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const open = (path: string, artifacts?: string) => openMlflowSource(path, { cwd: folder, env: {}, artifacts })
const code = (wanted: string) => expect.objectContaining({ code: wanted })

async function readStore(path: string) {
  const source = await open(path)
  const all = await readAll(source)
  await source.close()
  const experiment = (name: string) => all.experiments.find((one) => one.name === name)
  const flights = experiment('flights')
  const run = (name: string) => flights?.runs.find((one) => one.name === name)
  return { ...all, experiment, flights, run }
}

const everything = [
  {
    store: 'a file store of 3.17.2',
    write: () => writeFileStore(folder, '3.17.2'),
    infinite: Number.POSITIVE_INFINITY,
  },
  { store: 'a database of 3.17.2', write: () => writeDatabase(folder, '3.17.2'), infinite: Number.MAX_VALUE },
]

describe.each(everything)('$store', ({ write, infinite }) => {
  it('is read whole', async () => {
    const { experiments, experiment, flights, run, models, leftOut } = await readStore(await write())
    expect(experiments.map(({ name, lifecycle }) => [name, lifecycle])).toEqual([
      ['Default', 'active'],
      ['archived', 'deleted'],
      ['flights', 'active'],
    ])
    expect(flights).toMatchObject({
      createdAt: expect.any(Number),
      tags: { team: 'ops', 'mlflow.note.content': 'Über Flüge ✈' },
    })
    expect(
      flights?.runs.map(({ name, status, lifecycle }) => `${name} ${status} ${lifecycle}`).sort(),
    ).toEqual([
      'child FINISHED active',
      'failed FAILED active',
      'parent FINISHED active',
      'still running RUNNING active',
      'thrown away RUNNING deleted',
    ])
    expect(experiment('Default')?.runs).toMatchObject([
      {
        name: 'in default',
        startedAt: start,
        endedAt: start + 2,
        metrics: [`loss\0${start + 1}\x000\x000.5`],
      },
    ])
    expect(experiment('archived')?.runs).toMatchObject([
      {
        name: 'old',
        status: 'KILLED',
        lifecycle: 'deleted',
        params: { p: '1' },
        deletedAt: expect.any(Number),
      },
    ])
    expect(run('thrown away')?.deletedAt).toEqual(expect.any(Number))
    expect(run('still running')?.endedAt).toBeNull()
    expect(models.map(({ name }) => name)).toEqual(['delays', 'empty model'])
    expect(leftOut).toEqual([])
  })

  it('keeps entries, metrics, datasets and files of a run as they are', async () => {
    const { run } = await readStore(await write())
    const parent = run('parent')
    expect(parent).toMatchObject({
      params: { depth: '3', long: 'x'.repeat(450), empty: '', 'data/path': 'a b' },
      tags: { note: 'two\nlines: {a}', quote: `'"\\`, empty: '', 'mlflow.user': 'ada' },
      datasets: [
        {
          name: 'train rows',
          digest: '599a6bd2',
          sourceType: 'local',
          source: '{"uri": "rows.csv"}',
          schema: '{"a": "double"}',
          profile: '{"rows": 2}',
          tags: { 'mlflow.data.context': 'training' },
        },
      ],
    })
    expect(parent?.metricKeys.toSorted()).toEqual(['odd', 'train/loss'])
    expect(parent?.metrics).toHaveLength(25)
    expect(parent?.metrics.slice(0, 5)).toEqual([
      `odd\0${start + 200}\x000\0NaN`,
      `odd\0${start + 201}\x001\0${infinite}`,
      `odd\0${start + 202}\x002\0${-infinite}`,
      `odd\0${start + 203}\0-3\x000.30000000000000004`,
      `odd\0${start + 204}\x009\x005e-324`,
    ])
    expect(
      Object.entries(parent?.files ?? {}).map(([path, text]) => `${path} ${text.split(' ')[0]}`),
    ).toEqual(['empty 0', 'notes/größe.txt 7', 'notes/hello world.txt 5', 'weights.bin 5120'])
  })

  it('has logged models, what made them, and the registry without what was deleted', async () => {
    const { flights, run, models } = await readStore(await write())
    const logged = flights?.loggedModels.find(({ name }) => name === 'model')
    const discarded = flights?.loggedModels.find(({ name }) => name === 'discarded')
    expect(discarded).toMatchObject({ lifecycle: 'deleted', status: 'PENDING' })
    expect(logged).toMatchObject({
      name: 'model',
      type: 'classifier',
      status: 'READY',
      lifecycle: 'active',
      sourceRun: run('child')?.id,
      params: { c: '1' },
      tags: { kind: 'linear' },
      metrics: [
        { key: 'auc', value: 0.9, at: start + 22, step: 1, run: run('child')?.id, datasetName: null },
      ],
    })
    expect(Object.keys(logged?.files ?? {})).toEqual(['MLmodel', 'model.bin'])
    expect(run('child')?.modelOutputs).toEqual([{ model: logged?.id, step: 2 }])
    expect(models[0]).toMatchObject({
      description: 'Late or not',
      tags: { owner: 'ops' },
      aliases: { champion: 3, previous: 1 },
      deletedVersions: [2, 4],
    })
    expect(models[0].versions).toMatchObject([
      { version: 1, stage: 'Production', description: 'try 1', tags: { try: '1' }, loggedModel: logged?.id },
      { version: 3, stage: 'None', source: `models:/${logged?.id}`, run: run('child')?.id, status: 'READY' },
    ])
  })
})

describe('a database of 1.30.1', () => {
  it('is read without what that release did not know', async () => {
    const { run, models, flights } = await readStore(await writeDatabase(folder, '1.30.1'))
    expect(run('parent')).toMatchObject({ datasets: [], modelOutputs: [], tags: { 'mlflow.user': 'ada' } })
    expect(run('parent')?.metrics).toHaveLength(25)
    expect(Object.keys(run('child')?.files ?? {})).toEqual(['model/MLmodel'])
    expect(flights?.loggedModels).toEqual([])
    expect(models[0]).toMatchObject({ aliases: {}, deletedVersions: [2, 4] })
    expect(models[0].versions).toMatchObject([
      { version: 1, stage: 'Production', loggedModel: null },
      { version: 3, source: expect.stringMatching(/artifacts\/model$/) },
    ])
  })
})

describe('what is not as it should be', () => {
  it('is named: a line of a metric, a field of a run, a link to elsewhere', async () => {
    const root = await writeFileStore(folder, '3.17.2')
    const [first] = (await readdir(join(root, '0'))).filter((name) => name !== 'meta.yaml')
    const run = join(root, '0', first)
    await appendFile(join(run, 'metrics/loss'), '1700000000003 oops 0\n')
    await expect(readStore(root)).rejects.toThrow(/metrics\/loss line 2: "oops" is not a number/)
    await writeFile(join(run, 'metrics/loss'), '1700000000003 1 0\n')
    await mkdir(join(run, 'artifacts'), { recursive: true })
    await symlink('/etc', join(run, 'artifacts/etc'))
    await expect(readStore(root)).rejects.toEqual(code('mlflow.source_invalid'))
    await rm(join(run, 'artifacts/etc'))
    await writeFile(join(run, 'meta.yaml'), 'run_id: x\nstatus: 9\nlifecycle_stage: active\n')
    const { problems, experiment } = await readStore(root)
    expect(problems).toEqual([
      { where: join(run, 'meta.yaml'), reason: expect.stringMatching(/^status is "9"/) },
    ])
    expect(experiment('Default')?.runs).toEqual([])
  })

  it('keeps nothing else from being read', async () => {
    const root = await writeFileStore(folder, '3.17.2')
    await writeFile(join(root, 'models/delays/version-1/meta.yaml'), 'name: [')
    await rm(join(root, 'models/empty model/meta.yaml'))
    await writeFile(join(root, '0/meta.yaml'), 'name: Default\n')
    const { problems, experiments, models } = await readStore(root)
    expect(problems.map(({ where }) => where.slice(root.length + 1)).sort()).toEqual([
      '0/meta.yaml',
      'models/delays/version-1/meta.yaml',
      'models/empty model/meta.yaml',
    ])
    expect(experiments.map(({ name }) => name)).toEqual(['archived', 'flights'])
    expect(models.map(({ name, versions }) => [name, versions.length])).toEqual([['delays', 1]])
  })

  it('counts exact repeats once and reads a step before the name of a dataset', async () => {
    const root = await writeFileStore(folder, '3.17.2')
    const [first] = (await readdir(join(root, '0'))).filter((name) => name !== 'meta.yaml')
    const lines = ['5 nan 1', '5 nan 1', '5 1.0 1', '5 1 1', '6 2', '7 3 4 rows digest', '']
    await writeFile(join(root, '0', first, 'metrics/loss'), lines.join('\n'))
    const { experiment } = await readStore(root)
    expect(experiment('Default')?.runs[0].metrics).toEqual([
      'loss\x005\x001\x001',
      'loss\x005\x001\0NaN',
      'loss\x006\x000\x002',
      'loss\x007\x004\x003',
    ])
  })

  it('counts traces, webhooks and what is of other workspaces', async () => {
    const path = await writeDatabase(folder, '3.17.2')
    const db = new DatabaseSync(path)
    db.exec(
      `INSERT INTO trace_info (request_id, experiment_id, timestamp_ms, status) VALUES ('tr-1', 1, 1, 'OK')`,
    )
    db.exec(`INSERT INTO webhooks (webhook_id, name, url) VALUES ('w', 'n', 'https://example.org')`)
    db.exec(`INSERT INTO experiments (experiment_id, name, workspace) VALUES (9, 'x', 'other')`)
    db.close()
    const { leftOut, experiments } = await readStore(path)
    expect(leftOut.map(({ what, count }) => `${count} ${what}`)).toEqual([
      '1 traces',
      '1 webhooks',
      '1 experiments of other workspaces',
    ])
    expect(experiments).toHaveLength(3)
  })

  it('is told when artifacts are elsewhere', async () => {
    const path = await writeDatabase(folder, '3.17.2')
    const db = new DatabaseSync(path)
    db.exec(`UPDATE runs SET artifact_uri = 's3://bucket/1/run/artifacts' WHERE name = 'parent'`)
    db.close()
    await expect(readStore(path)).rejects.toEqual(code('mlflow.artifacts_unreachable'))
  })

  it('is no store', async () => {
    await writeFile(join(folder, 'text.db'), 'no database at all')
    await expect(open(join(folder, 'text.db'))).rejects.toEqual(code('mlflow.source_not_found'))
    await expect(open(join(folder, 'none'))).rejects.toEqual(code('mlflow.source_not_found'))
  })
})

it('finds proxied artifacts in the folder of the server', async () => {
  const path = await writeDatabase(folder, '3.17.2')
  const db = new DatabaseSync(path)
  db.exec(`UPDATE runs SET artifact_uri = 'mlflow-artifacts:/1/r/artifacts' WHERE name = 'parent'`)
  db.close()
  await mkdir(join(folder, 'kept/1/r/artifacts'), { recursive: true })
  await writeFile(join(folder, 'kept/1/r/artifacts/a.txt'), 'a')
  const source = await open('sqlite:///mlflow.db', 'kept')
  const { experiments } = await readAll(source)
  await source.close()
  const parent = experiments.flatMap(({ runs }) => runs).find(({ name }) => name === 'parent')
  expect(Object.keys(parent?.files ?? {})).toEqual(['a.txt'])
})
