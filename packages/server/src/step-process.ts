import { Registry } from 'prom-client'
import { bundleDir, loadConfig, processEnvironment } from './config.ts'
import { createBundleLoader } from './domains/definitions/index.ts'
import { createStepRunner } from './domains/pipelines/index.ts'
import { createServingMetrics } from './domains/serving/index.ts'
import { serveTask } from './drivers/executor/local-process-child.ts'
import { createLogger } from './kernel/logger.ts'
import { createServices } from './services.ts'
import { openStores, type Stores } from './stores.ts'

// The entry of a step process: a built-in step gets the same services on the same stores as the control plane, for one
// task; a project's own step needs only its code.
const config = loadConfig()

async function withStores<T>(use: (stores: Stores) => Promise<T>): Promise<T> {
  const stores = await openStores(config)
  try {
    return await use(stores)
  } finally {
    await stores.close()
  }
}

serveTask(
  createStepRunner({
    loadFunction: createBundleLoader({
      dir: bundleDir(config),
      getBytes: (digest) => withStores(({ content }) => content.getBytes(digest)),
    }),
    withSteps: (use) =>
      withStores((stores) => {
        const logger = createLogger(config.logLevel)
        const metrics = createServingMetrics(new Registry())
        return use(createServices(stores, { config, logger, metrics }).steps)
      }),
  }),
  processEnvironment(),
)
