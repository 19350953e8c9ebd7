import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadConfig } from '../../config.ts'
import { startWriter } from '../../drivers/testing/crash.ts'
import { openStores } from '../../stores.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-crash-'))
})
afterAll(() => rm(folder, { recursive: true }))

const module = `
import { Registry } from '${import.meta.resolve('prom-client')}'
import { loadConfig } from '../../config.ts'
import { createServingMetrics } from '../serving/index.ts'
import { createLogger } from '../../kernel/logger.ts'
import { createServices } from '../../services.ts'
import { openStores } from '../../stores.ts'
const [dir, stop] = process.argv.slice(1)
const config = loadConfig({ dir, logLevel: 'silent' }, {})
const stores = await openStores(config)
const wait = async () => { console.log('here'); await new Promise((resolve) => setTimeout(resolve, 600_000)) }
const { content, lake } = stores
if (stop === 'stored') stores.content = { ...content, putFile: async (path) => { await content.putFile(path); return wait() } }
if (stop === 'written') stores.lake = { ...lake, writeParquet: async (...args) => { await lake.writeParquet(...args); return wait() } }
const options = { config, logger: createLogger('silent'), metrics: createServingMetrics(new Registry()) }
const { data, definitions } = createServices(stores, options)
const definition = { kind: 'dataset', name: 'visits', source: { format: 'csv', path: 'visits.csv' }, schema: { at: 'timestamp' }, derived: {}, timestamp: 'at', expectations: [] }
await definitions.apply({ project: 'p', definitions: [definition], bundle: null, dryRun: false, allowDestroy: true })
const version = await data.ingest({ dataset: 'visits' })
console.log(JSON.stringify({ version, all: (await data.listVersions('visits')).items.length, validations: (await data.listValidations('visits')).items.length }))
await stores.close()
`

test('a process that is killed while it ingests leaves nothing registered and no file behind', async () => {
  await writeFile(join(folder, 'visits.csv'), 'at\n2001-01-01\n')
  const dir = join(folder, '.millrace')
  for (const stop of ['written', 'stored']) {
    const killed = startWriter(module, import.meta.url, [dir, stop])
    await killed.written(1)
    expect(await killed.kill()).toEqual(['here'])
  }
  const left = await readdir(join(dir, 'tmp'), { recursive: true })
  expect(left.filter((name) => name.endsWith('part.parquet'))).toHaveLength(1)
  const again = startWriter(module, import.meta.url, [dir, ''])
  expect(await again.ended).toBe(0)
  expect(JSON.parse(again.lines[0])).toMatchObject({ version: { rows: 1 }, all: 1, validations: 1 })
  const stores = await openStores(loadConfig({ dir, logLevel: 'silent' }, {}))
  await stores.close()
  expect(await readdir(join(dir, 'tmp'))).toEqual([])
})
