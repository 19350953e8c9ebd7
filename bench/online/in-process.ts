import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { percentile } from '../harness/measurement.ts'
import { openSeeded } from './seed.ts'
import { keysOf, type RequestName, requests } from './shapes.ts'

/** Reads within one process, one after the other. Prints the median in microseconds. */
const [folder, name] = process.argv.slice(2) as [string, RequestName]
const warmUp = 3000
const reads = name === '1x50' ? 20_000 : 500

const project = await mkdtemp(join(folder, 'project-'))
const seeded = await openSeeded(join(project, '.millrace'))
const selected = await seeded.services.features.openSelection({ service: requests[name].service })
const times: number[] = []
for (let n = 0; n < warmUp + reads; n++) {
  const rows = keysOf(name, n).map((user) => ({ user }))
  const start = performance.now()
  await selected.read(rows)
  if (n >= warmUp) times.push(performance.now() - start)
}
await seeded.close()
await rm(project, { recursive: true })
times.sort((a, b) => a - b)
console.log(JSON.stringify({ p50Us: (percentile(times, 50) ?? 0) * 1000 }))
