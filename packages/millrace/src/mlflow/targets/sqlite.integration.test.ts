import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { moveStore } from '../move/move-store.ts'
import { createFileSource } from '../sources/file-store.ts'
import { createSqliteSource } from '../sources/sqlite.ts'
import { writeDatabase, writeFileStore } from '../testing/fixture-stores.ts'
import { readAll } from '../testing/read-all.ts'
import { createSqliteTarget, type SqliteTargetOptions } from './sqlite.ts'

let folder: string
let root: string
let database: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mlflow-target-'))
  root = await writeFileStore(folder, '3.17.2')
  database = await writeDatabase(join(folder, 'moved'), '3.17.2', { empty: true })
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** Moves the file store into the database; both are compared by what moves them. */
async function move(options: SqliteTargetOptions & { experiments?: string[] } = {}) {
  const target = createSqliteTarget(database, options)
  const there = createSqliteSource(database, options)
  try {
    const { experiments } = options
    const report = await moveStore({ source: createFileSource(root), target, there, experiments })
    return { ...report, written: report.counts.reduce((sum, { written }) => sum + written, 0) }
  } finally {
    await there.close()
    target.close()
  }
}

/** What a source gives, without ids of experiments and places of artifacts. */
async function content(source: ReturnType<typeof createFileSource>) {
  const all = JSON.stringify(await readAll(source), (key, value) =>
    ['id', 'experimentId', 'artifactLocation', 'artifactUri', 'storageLocation'].includes(key) &&
    !isOwnId(value)
      ? undefined
      : value,
  )
  await source.close()
  // Infinities are the largest numbers in a database.
  return JSON.parse(all.replace(/\\u0000(-?)Infinity"/g, `\\u0000$1${Number.MAX_VALUE}"`))
}
const isOwnId = (id: unknown) => /^(?:m-)?[0-9a-f]{32}$/.test(String(id))

describe('a database as target', () => {
  it('holds all that the source has, and is written once', async () => {
    const first = await move()
    expect(first.differences).toEqual([])
    for (const { what, found, verified } of first.counts) expect([what, verified]).toEqual([what, found])
    expect(await content(createSqliteSource(database))).toEqual(await content(createFileSource(root)))
    const again = await move()
    expect(again).toMatchObject({ differences: [], written: 0 })
  })

  it('keeps the newest values of metrics, and ids unless they are taken or no small numbers', async () => {
    await move()
    const db = new DatabaseSync(database)
    const latest = db.prepare('SELECT key, value, step, is_nan FROM latest_metrics ORDER BY key, value').all()
    expect(latest).toMatchObject([
      { key: 'accuracy', value: 1 },
      { key: 'auc', value: 0.9 },
      { key: 'loss', value: 0.5 },
      { key: 'loss', value: 2 },
      { key: 'odd', value: 5e-324, step: 9, is_nan: 0 },
      { key: 'train/loss', value: 1 / 20, step: 19 },
    ])
    const ids = db.prepare('SELECT name, experiment_id FROM experiments ORDER BY experiment_id').all()
    expect(ids.map(({ name }) => name)).toEqual(['Default', expect.any(String), expect.any(String)])
    expect(ids.map(({ experiment_id }) => experiment_id)).toEqual([0, 1, 2])
    db.close()
  })

  it('names artifacts by path, or for a server that hands them on', async () => {
    await move()
    await move({ artifacts: join(folder, 'kept'), proxied: true })
    const db = new DatabaseSync(database)
    const [{ artifact_uri: uri }] = db.prepare(`SELECT artifact_uri FROM runs WHERE name = 'parent'`).all()
    db.close()
    expect(uri).toMatch(/^mlflow-artifacts:\/\d+\/[0-9a-f]{32}\/artifacts$/)
    const path = String(uri).slice('mlflow-artifacts:/'.length)
    for (const place of [join(folder, 'kept'), join(folder, 'moved/mlartifacts')]) {
      expect(await readFile(join(place, path, 'notes/hello world.txt'), 'utf8')).toBe('hello')
      expect((await readdir(join(place, path))).sort()).toEqual(['empty', 'notes', 'weights.bin'])
    }
  })

  it('is brought up to date, file by file and point by point', async () => {
    await move()
    const [run] = (await readdir(join(root, '0'))).filter((name) => name !== 'meta.yaml')
    await appendFile(join(root, '0', run, 'metrics/loss'), '1700000000009 0.25 3\n')
    await writeFile(join(root, '0', run, 'tags/note'), 'later')
    const { differences, counts } = await move({ experiments: ['Default'] })
    expect(differences).toEqual([])
    expect(counts.filter(({ written }) => written > 0)).toMatchObject([
      { what: 'runs', written: 1 },
      { what: 'metric points', found: 2, verified: 2 },
    ])
  })

  it('is told apart from another run or file', async () => {
    await move()
    const db = new DatabaseSync(database)
    db.exec(`UPDATE runs SET experiment_id = 99 WHERE name = 'in default'`)
    db.close()
    const { differences } = await move({ experiments: ['Default'] })
    expect(differences.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/it is in experiment 99 there/),
      'it is not there',
    ])
  })
})

it('is only a database with the tables of MLflow 3, and none is made', async () => {
  const missing = join(folder, 'none.db')
  expect(() => createSqliteTarget(missing)).toThrow(/mlflow db upgrade sqlite:\/\/\/.*none\.db/)
  expect(await readdir(folder)).not.toContain('none.db')
  const old = await writeDatabase(join(folder, 'old'), '1.30.1', { empty: true })
  expect(() => createSqliteTarget(old)).toThrow(/it has no table logged_models/)
})
