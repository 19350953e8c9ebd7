import { join } from 'node:path'
import { preparePython } from '../harness/python-peer.ts'
import type { Bench } from '../harness/topic.ts'
import { transferArtifacts } from './artifacts.ts'
import type { Case } from './case.ts'
import { readHistory } from './history.ts'
import { logBatches, logMetrics } from './logging.ts'
import { searchRuns } from './searching.ts'
import { searchShapes } from './shapes.ts'
import { startServers } from './starting.ts'

const cases: Readonly<Record<string, Case>> = {
  start: startServers,
  'log-metric': logMetrics,
  'log-batch': logBatches,
  search: searchRuns,
  shapes: searchShapes,
  history: readHistory,
  artifacts: transferArtifacts,
}

export const bench: Bench = {
  cases: Object.keys(cases),
  async run(context) {
    const requirements = join(import.meta.dirname, 'requirements.txt')
    const python = await preparePython(context.workDir, requirements, context.progress)
    for (const name of context.cases) {
      await cases[name]({
        ...context,
        python,
        progress: (message) => context.progress(`${name}: ${message}`),
        report: (measurement) => context.report({ case: name, ...measurement }),
      })
    }
  },
}
