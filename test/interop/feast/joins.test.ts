import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { importRegistry } from '../../../packages/server/src/compat/feast/import.ts'
import { createFeatureService } from '../../../packages/server/src/domains/features/index.ts'
import { createImportedServices } from '../../../packages/server/src/domains/imports/index.ts'
import { quoteText } from '../../../packages/server/src/kernel/sql.ts'
import { createTemporaryData } from '../../../packages/server/src/testing/temporary-data.ts'

const python = process.env.MILLRACE_INTEROP_FEAST
if (!python) throw new Error('Feast is not installed for this suite: start it with "npm run test:interop"')
const run = promisify(execFile)

let folder: string
let embedded: Awaited<ReturnType<typeof createTemporaryData>>
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-joins-'))
  embedded = await createTemporaryData()
})
afterEach(async () => {
  await embedded.close()
  await rm(folder, { recursive: true, force: true })
})

/** What Feast's DuckDB store joins of random tables, which are in the folder afterwards. */
async function joinByFeast(seed: number): Promise<object[]> {
  const { stdout } = await run(
    python ?? '',
    ['-W', 'ignore', join(import.meta.dirname, 'joins.py'), folder, String(seed)],
    { env: { ...process.env, FEAST_USAGE: 'False' }, maxBuffer: 16 * 1024 * 1024 },
  )
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
}

/** The same as a training set of the imported service. */
async function joinHere(): Promise<object[]> {
  const bytes = await readFile(join(folder, 'registry.db'))
  const importedServices = createImportedServices(embedded)
  const input = { bytes, project: undefined, dryRun: false, allowDestroy: false }
  const { leftOut } = await importRegistry({ ...embedded, importedServices }, input)
  expect(leftOut).toEqual([])
  await embedded.apply([
    {
      kind: 'dataset',
      name: 'examples',
      source: { format: 'parquet', path: join(folder, 'examples.parquet') },
      schema: { event_timestamp: 'timestamp', driver_id: 'int64', region: 'string', row_id: 'int64' },
      derived: {},
      timestamp: 'event_timestamp',
      expectations: [],
    },
    { kind: 'training-set', name: 'set', spine: 'examples', service: 'both', keep: ['row_id'] },
  ])
  for (const dataset of ['fast', 'slow', 'examples']) await embedded.data.ingest({ dataset })
  const features = createFeatureService(embedded)
  const { digest } = await features.buildTrainingSet({
    name: 'set',
    version: await embedded.data.latestVersion('examples'),
    from: Date.UTC(2025, 0),
    until: Date.UTC(2027, 0),
  })
  const { file } = await features.openTrainingSet(digest)
  return embedded.lake.rows(
    `SELECT row_id, trips, rate, grade FROM read_parquet(${quoteText(file.path)}) ORDER BY row_id`,
  )
}

it.each([1, 2, 3])("joins as Feast's DuckDB store does, tables %i", async (seed) => {
  const theirs = await joinByFeast(seed)
  expect(theirs).toHaveLength(500)
  const ours = await joinHere()
  expect(ours).toEqual(theirs)
})
