import { type ForestClassifierOptions, randomForestClassifier } from '@millrace/learn'
import { createFeatureService } from '../domains/features/index.ts'
import type { StepContext } from '../domains/pipelines/index.ts'
import { createRegistryService } from '../domains/registry/index.ts'
import { createTrackingService } from '../domains/tracking/index.ts'
import { trainingSteps } from '../domains/training/index.ts'
import { migrations } from '../migrations/index.ts'
import { createRegistryLinks } from '../registry-links.ts'
import { firstFlight, ingestLateFlights } from './late-flights.ts'
import { createTemporaryData } from './temporary-data.ts'

const day = 86_400_000

/** A gate that a sound model of the made-up flights passes. */
export const gate = {
  baseline: { groupBy: ['hour', 'origin'], margins: { rocAuc: 0.02, logLoss: 0.01 } },
}
/** A small forest that learns the made-up flights. */
export const forest = (options: ForestClassifierOptions = {}) =>
  randomForestClassifier({ nEstimators: 12, maxDepth: 8, minSamplesLeaf: 10, seed: 3, ...options })

/** The steps of training on made-up flights, on the embedded drivers in a temporary folder. */
export async function createTemporaryTraining() {
  const stack = await createTemporaryData()
  await stack.db.migrate(migrations)
  const tracking = createTrackingService(stack)
  const nothingServed = { listEndpoints: async () => [] }
  const links = createRegistryLinks({ ...stack, tracking, serving: () => nothingServed })
  const deps = {
    ...stack,
    features: createFeatureService(stack),
    tracking,
    registry: createRegistryService({ ...stack, links }),
  }
  const version = await ingestLateFlights(stack)
  const steps = new Map(trainingSteps(deps).map((step) => [step.name, step]))
  const run = (name: string, context: StepContext, inputs: Record<string, unknown>) => {
    const step = steps.get(name)
    if (!step) throw new Error(`there is no step ${name}`)
    return step.run(context, inputs)
  }
  let runs = 0

  /** What a step is told; another pipeline run each time unless one is named. */
  const contextOf = (node: string, pipelineRun = `prun_${++runs}`): StepContext => ({
    pipelineRun,
    node,
    attempt: 1,
    signal: new AbortController().signal,
    progress: () => undefined,
    log: () => undefined,
    tempDir: stack.tempDir,
  })
  return {
    ...deps,
    version,
    contextOf,
    /** A training set of the days `from` to `until` after the first flight. */
    async build(name: string, from: number, until: number) {
      const set = await deps.features.buildTrainingSet({
        name,
        version,
        from: firstFlight + from * day,
        until: firstFlight + until * day,
      })
      return { digest: set.digest, name: set.name, rows: set.rows }
    },
    async train(inputs: Record<string, unknown>, context = contextOf('train')) {
      const given = { experiment: 'late', learner: forest(), threads: 2, ...inputs }
      const { model } = await run('train', context, given)
      return model as { digest: string; runId: string }
    },
    /** The step `import-model`. */
    async importModel(inputs: Record<string, unknown>, context = contextOf('import')) {
      const { model } = await run('import-model', context, inputs)
      return model as { digest: string; runId: string }
    },
    async evaluate(inputs: Record<string, unknown>, context = contextOf('evaluate')) {
      const result = await run('evaluate', context, { gate, ...inputs })
      return result as {
        evaluation: { digest: string; scores: Record<string, number> }
        passed: boolean
        reason: string
      }
    },
    async register(inputs: Record<string, unknown>, context = contextOf('register')) {
      const result = await run('register-model', context, { name: 'late-flights', ...inputs })
      return deps.registry.getVersion(result.version as { model: string; version: number })
    },
  }
}
