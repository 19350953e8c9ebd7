import { parentPort, workerData } from 'node:worker_threads'
import { getJobMaker } from '../jobs.ts'
import type { FitOptions } from '../learner.ts'
import type { FitMessage, FitWork } from './fit.ts'
import { helpTeam, leadTeam } from './team.ts'

const { spec, data, shared, ports, index, threads, withLoss } = workerData as FitWork

const lead = async (): Promise<void> => {
  // Most of this package, and of no use to those who help.
  const [{ fitWith }, find] = await Promise.all([
    import('../fit-with.ts'),
    import('./load-learner.ts').then(({ loadLearner }) => loadLearner(spec)),
  ])
  const post = (message: FitMessage): void => parentPort?.postMessage(message)
  const team = leadTeam(getJobMaker, shared, ports)
  const options: FitOptions = {
    team,
    onProgress: (done, total) => post({ done, total }),
    ...(withLoss && { onLoss: (loss) => post({ loss }) }),
  }
  post({ model: fitWith(find, spec, data, options) })
  team.end()
  for (const port of ports) port.close()
}

if (index > 0) helpTeam(getJobMaker, shared, ports[0], { index, size: threads })
else await lead()
