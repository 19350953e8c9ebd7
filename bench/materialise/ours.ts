import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { loadConfig } from '../../packages/server/src/config.ts'
import { createLogger } from '../../packages/server/src/kernel/logger.ts'
import { createServices } from '../../packages/server/src/services.ts'
import { openStores } from '../../packages/server/src/stores.ts'
import { cases, definitionsOf, features, sampledKeys, until } from './cases.ts'

/**
 * Materializes one case into an empty embedded store, as a server does it. Prints the seconds, the seconds of CPU, the
 * peak of memory, the longest stop of the event loop, and the values of some keys.
 */
const [folder, name] = process.argv.slice(2)
const chosen = cases.find((one) => one.name === name)
if (!chosen) throw new TypeError(`There is no case "${name}"`)

const project = await mkdtemp(join(folder, 'project-'))
const config = loadConfig({ dir: join(project, '.millrace') })
const stores = await openStores(config)
const services = createServices(stores, {
  config,
  logger: createLogger('warn'),
  metrics: { countRows() {}, observeLatency() {}, countLogBytes() {}, countExplanations() {} },
})
await services.definitions.apply({
  project: 'bench',
  definitions: definitionsOf(chosen),
  bundle: null,
  dryRun: false,
  allowDestroy: false,
})
await services.data.ingest({ dataset: 'events', path: join(folder, 'rows.parquet') })

let longestMs = 0
let last = performance.now()
const ticking = setInterval(() => {
  longestMs = Math.max(longestMs, performance.now() - last)
  last = performance.now()
}, 1)
const cpu = process.cpuUsage()
const started = performance.now()
const { rows } = await services.features.materialize({ view: 'users', until })
const seconds = (performance.now() - started) / 1000
const { user, system } = process.cpuUsage(cpu)
clearInterval(ticking)

const selected = await services.features.openSelection({ features: features.map((one) => `users:${one}`) })
const { values } = await selected.read(
  sampledKeys.map((key) => ({ user: key })),
  { at: until },
)
await stores.close()
await rm(project, { recursive: true })
const peakMb = process.resourceUsage().maxRSS / 1024
console.log(JSON.stringify({ seconds, cpuSeconds: (user + system) / 1e6, peakMb, longestMs, rows, values }))
