import { loadConfig } from '../../packages/server/src/config.ts'
import { createLogger } from '../../packages/server/src/kernel/logger.ts'
import { createServices } from '../../packages/server/src/services.ts'
import { openStores } from '../../packages/server/src/stores.ts'
import { definitions, featuresPerView, keys, knownAt, storedValue, views } from './shapes.ts'

/** Opens a server's folder without a server; definitions and values are in it. */
export async function openSeeded(dir: string) {
  const config = loadConfig({ dir })
  const stores = await openStores(config)
  const services = createServices(stores, {
    config,
    logger: createLogger('warn'),
    metrics: { countRows() {}, observeLatency() {}, countLogBytes() {}, countExplanations() {} },
  })
  await services.definitions.apply({
    project: 'bench',
    definitions,
    bundle: null,
    dryRun: false,
    allowDestroy: false,
  })
  for (const [v, { name, features }] of views.entries()) {
    const rows = Array.from({ length: keys }, (_, key) => ({
      user: key,
      at: knownAt,
      ...Object.fromEntries(
        features.map((feature, i) => [feature, storedValue(key, v * featuresPerView + i)]),
      ),
    }))
    await services.features.writeValues(name, rows)
  }
  return { services, close: () => stores.close() }
}
