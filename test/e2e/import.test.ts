import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { writeDatabase, writeFileStore } from '../../packages/millrace/src/mlflow/testing/fixture-stores.ts'
import { type TempFolder, tempFolder } from './support/folders.ts'
import { environment, millrace, type Server, startServer } from './support/millrace.ts'

/** Stores that MLflow has made, moved in by the command line; MLflow itself is not needed. */

const bin = fileURLToPath(new URL('../../packages/millrace/bin/millrace.js', import.meta.url))

let folder: TempFolder
let server: Server
beforeAll(async () => {
  folder = await tempFolder()
  server = await startServer({ cwd: folder.path })
})
afterAll(async () => {
  await server.stop()
  await folder.remove()
})

interface Count {
  what: string
  found: number
  verified: number | null
  written: number
}
interface Report {
  dryRun: boolean
  counts: Count[]
  leftOut: { what: string; count: number }[]
  differences: { where: string; reason: string }[]
}

async function importStore(source: string, more: string[] = []) {
  const { code, out, err } = await millrace(
    ['import', 'mlflow', source, '--url', server.url, '--json', ...more],
    { cwd: folder.path },
  )
  expect(err).toBe('')
  const report = JSON.parse(out) as Report
  const count = (what: string) => report.counts.find((one) => one.what === what)
  return { code, report, count, written: report.counts.reduce((sum, one) => sum + one.written, 0) }
}

/** The runs of a folder `flights` many times over, under other ids. */
async function multiplyRuns(root: string, times: number): Promise<number> {
  for (const experiment of await readdir(root)) {
    const meta = await readFile(join(root, experiment, 'meta.yaml'), 'utf8').catch(() => '')
    if (!meta.includes('name: flights')) continue
    const runs = (await readdir(join(root, experiment))).filter((name) => /^[0-9a-f]{32}$/.test(name))
    for (let i = 0; i < times; i++) {
      for (const run of runs) {
        const id = `${i.toString(16).padStart(4, '0')}${run.slice(4)}`
        await cp(join(root, experiment, run), join(root, experiment, id), { recursive: true })
        const file = join(root, experiment, id, 'meta.yaml')
        await writeFile(file, (await readFile(file, 'utf8')).replaceAll(run, id))
      }
    }
    return runs.length * (times + 1)
  }
  throw new Error('no experiment of that name')
}

async function countRuns(): Promise<number> {
  const response = await fetch(`${server.url}/v1/runs?limit=1000`)
  return ((await response.json()) as { items: unknown[] }).items.length
}

it('goes on where it was killed, copies nothing twice, and says so', async () => {
  const root = await writeFileStore(folder.path, '3.17.2')
  const flights = await multiplyRuns(root, 60)
  const child = spawn(process.execPath, [bin, 'import', 'mlflow', root, '--url', server.url], {
    cwd: folder.path,
    env: environment(),
    stdio: 'ignore',
  })
  const exited = once(child, 'exit')
  await expect.poll(countRuns, { timeout: 60_000, interval: 20 }).toBeGreaterThan(20)
  child.kill('SIGKILL')
  await exited
  expect(await countRuns()).toBeLessThan(flights)

  const resumed = await importStore(root)
  expect(resumed.report.differences).toEqual([])
  expect(resumed.code).toBe(0)
  expect(resumed.count('runs')).toMatchObject({ found: flights + 2, verified: flights + 2 })
  expect(resumed.count('runs')?.written).toBeGreaterThan(0)
  expect(resumed.count('runs')?.written).toBeLessThan(flights)
  for (const { what, found, verified } of resumed.report.counts)
    expect([what, verified]).toEqual([what, found])

  const again = await importStore(root)
  expect(again.report.differences).toEqual([])
  expect(again.written).toBe(0)
})

it('names what differs and exits with 1', async () => {
  const root = join(folder.path, 'mlruns')
  const [run] = (await readdir(join(root, '0'))).filter((name) => name !== 'meta.yaml')
  await fetch(`${server.url}/api/2.0/mlflow/runs/set-tag`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ run_id: run, key: 'added here', value: 'stays' }),
  })
  const metrics = join(root, '0', run, 'metrics/loss')
  await writeFile(metrics, 'no point at all\n')
  const { code, report, count } = await importStore(root, ['--experiment', 'Default'])
  expect(code).toBe(1)
  expect(report.differences).toEqual([
    { where: `run ${run}`, reason: expect.stringMatching(/metrics\/loss line 1: 4 fields/) },
  ])
  expect(count('experiments')).toMatchObject({ found: 1, verified: 1 })
  expect(count('registered models')).toMatchObject({ found: 0 })
  expect(report.leftOut).toMatchObject([{ what: 'model versions', count: 2 }])
})

it('counts without copying in a dry run', async () => {
  const before = await countRuns()
  const path = await writeDatabase(join(folder.path, 'dry'), '3.17.2')
  const { code, report, count } = await importStore(path, ['--dry-run'])
  expect(code).toBe(0)
  expect(report.dryRun).toBe(true)
  expect(count('runs')).toMatchObject({ found: 7, verified: null, written: 0 })
  expect(count('metric points')).toMatchObject({ found: 29 })
  expect(count('artifacts')).toMatchObject({ found: 6 })
  expect(await countRuns()).toBe(before)
})

it('reads a database of 1.30', async () => {
  const path = await writeDatabase(join(folder.path, 'old'), '1.30.1')
  const { report, count } = await importStore(path, ['--experiment', 'archived'])
  expect(report.differences).toEqual([])
  expect(count('runs')).toMatchObject({ found: 1, verified: 1, written: 1 })
})

it('exports to no server: that would lose ids and times', async () => {
  const args = ['export', 'mlflow', 'http://127.0.0.1:1', '--url', server.url, '--json']
  const { code, err } = await millrace(args, { cwd: folder.path })
  expect(code).toBe(1)
  expect(JSON.parse(err)).toMatchObject({ error_code: 'mlflow.target_invalid' })
})

it('is told of what is not there', async () => {
  const args = ['import', 'mlflow', 'nowhere', '--url', server.url]
  const { code, err } = await millrace(args, { cwd: folder.path })
  expect([code, err]).toEqual([
    1,
    expect.stringMatching(/^error: "nowhere" is no MLflow store: there is no /),
  ])
  const unknown = await millrace(
    ['import', 'mlflow', join(folder.path, 'mlruns'), '--url', server.url, '--experiment', 'none'],
    { cwd: folder.path },
  )
  expect(unknown.err).toMatch(/has no experiment "none"/)
})
