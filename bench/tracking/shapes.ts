import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { loadConfig } from '../../packages/server/src/config.ts'
import { createTrackingSearch } from '../../packages/server/src/domains/tracking/index.ts'
import { openDatabase } from '../../packages/server/src/stores.ts'
import { type Case, limitOn } from './case.ts'
import { seedRunsToSearch } from './seed.ts'

type Search = ReturnType<typeof createTrackingSearch>
type Input = Parameters<Search['searchRuns']>[0]

const searches = 40
const p95LimitMs = 50
/** What people ask for besides the pages that are measured against the peer. */
const shapes: Readonly<Record<string, Input>> = {
  'by parameter': { orderBy: ['params.p1'] },
  'by parameter, filtered': { filter: 'metrics.m3 > 0.5', orderBy: ['params.p1 DESC'] },
  'by run name': { orderBy: ['run_name'] },
  'by end': { orderBy: ['end_time DESC'] },
  'parameter =': { filter: "params.p1 = 'choice-4'" },
  'parameter IN': { filter: "params.p1 IN ('choice-4', 'choice-5')" },
  'parameter LIKE, nothing fits': { filter: "params.p1 LIKE '%zz%'" },
  'run name LIKE, nothing fits': { filter: "run_name LIKE '%zz%'" },
  'dataset, nothing fits': { filter: "dataset.name = 'x'" },
  'tag IS NULL, nothing fits': { filter: 'tags.team IS NULL' },
  'OR, few fit': { filter: "metrics.m3 > 0.999 OR params.p1 = 'none'" },
  'all experiments, few fit': { experiments: undefined, filter: 'metrics.m3 > 0.9995' },
  'count all': { count: true },
  'count by metric': { filter: 'metrics.m3 > 0.5', count: true },
  'count by metric and tag': { filter: "metrics.m3 > 0.5 AND tags.team LIKE 'a%'", count: true },
}

/** Searches of 100,000 runs as the server makes them, without HTTP and the values of runs; recorded only. */
export const searchShapes: Case = async (context) => {
  const dir = join(context.workDir, 'shapes')
  await rm(dir, { recursive: true, force: true })
  await mkdir(dir, { recursive: true })
  context.progress('filling the database')
  const experiment = await seedRunsToSearch(dir)
  const db = await openDatabase(loadConfig({ dir }))
  try {
    const search = createTrackingSearch({ db })
    for (const [name, shape] of Object.entries(shapes)) {
      context.progress(name)
      const input = { experiments: [experiment], limit: 100, keys: nothing, ...shape }
      // The first one reads what the others find in memory.
      await search.searchRuns(input)
      const times: number[] = []
      for (let i = 0; i < searches; i++) {
        const start = performance.now()
        await search.searchRuns(input)
        times.push(performance.now() - start)
      }
      const ours = times.toSorted((a, b) => a - b)[Math.ceil(searches * 0.95) - 1]
      const metric = { metric: `${name}, latency p95`, unit: 'ms', better: 'lower', ours } as const
      context.report({ ...limitOn(p95LimitMs, metric), goal: null })
    }
  } finally {
    await db.close()
    await rm(dir, { recursive: true })
  }
}

const nothing = { metrics: [], params: [], tags: [] }
