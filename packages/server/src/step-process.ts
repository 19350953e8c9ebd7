import { Registry } from 'prom-client'
import { loadConfig } from './config.ts'
import { createStepRunner } from './domains/pipelines/index.ts'
import { createServingMetrics } from './domains/serving/index.ts'
import { serveTask } from './drivers/executor/local-process-child.ts'
import { createLogger } from './kernel/logger.ts'
import { createServices } from './services.ts'
import { openStores } from './stores.ts'

// The entry of a step process: the same services on the same stores as the control plane, for one task.
serveTask(async (payload, context) => {
  const config = loadConfig()
  const stores = await openStores(config)
  try {
    const services = createServices(stores, {
      config,
      logger: createLogger(config.logLevel),
      metrics: createServingMetrics(new Registry()),
    })
    const run = createStepRunner({ steps: services.steps, loadFunction: services.definitions.loadFunction })
    return await run(payload, context)
  } finally {
    await stores.close()
  }
})
