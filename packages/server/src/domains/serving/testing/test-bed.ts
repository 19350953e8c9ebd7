import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { EndpointDefinition } from '@millrace/protocol'
import { Registry } from 'prom-client'
import { createLogger } from '../../../kernel/logger.ts'
import { migrations } from '../../../migrations/index.ts'
import { createTemporaryData } from '../../../testing/temporary-data.ts'
import { createFeatureService } from '../../features/index.ts'
import { createRegistryService } from '../../registry/index.ts'
import { createServingMetrics } from '../metrics.ts'
import { createServingService, type ServingDeps } from '../service.ts'
import { storeForestModel } from './forest-model.ts'
import { bundle, projectOf } from './project.ts'

/** The event time of the requests: stored windows end at 02:00. */
export const noon = Date.UTC(2024, 0, 1, 2, 30)

/** Serving on the embedded drivers with real features, a real registry and real ONNX models. */
export async function createServingTestBed(policy: Partial<EndpointDefinition['canary']> = {}) {
  const data = await createTemporaryData()
  data.clock.set(noon)
  await data.db.migrate(migrations)
  await writeFile(
    join(data.dir, 'sales.csv'),
    'at,shop,amount\n2024-01-01 00:10:00,x,1.5\n2024-01-01 01:00:00,x,2\n2024-01-01 01:30:00,y,8\n',
  )
  await data.apply(projectOf(policy), bundle)
  const features = createFeatureService(data)
  await data.data.ingest({ dataset: 'sales' })
  await features.materialize({ view: 'shop_sales', until: noon })
  const registry = createRegistryService(data)
  const logDir = join(data.dir, 'logs')
  const metrics = new Registry()
  const shared = { ...data, features, registry, logDir, logger: createLogger('silent') }
  const createService = (
    options: Partial<Pick<ServingDeps, 'features' | 'maxQueued' | 'maxLogBytes'>> = {},
  ) => createServingService({ ...shared, ...options, metrics: createServingMetrics(new Registry()) })
  const serving = createServingService({ ...shared, metrics: createServingMetrics(metrics) })

  return {
    ...shared,
    serving,
    metrics,
    /** Another process on the same stores. */
    createService,
    async register(manifest: string, passed = true) {
      const { version } = await registry.registerVersion({
        model: 'late',
        manifest,
        gate: { passed, reason: passed ? 'better' : 'not better', evaluation: null, metrics: {} },
        lineage: { run: null, trainingSet: null, datasets: [], definitions: {}, bundles: [] },
      })
      return { model: 'late', version }
    },
    /** Trains, registers and deploys. */
    async deploy(options: Parameters<typeof storeForestModel>[1] = {}) {
      const modelVersion = await this.register(await storeForestModel(data.content, options))
      return serving.deploy({ endpoint: 'lateness', modelVersion, reason: 'test' })
    },
    async close() {
      await serving.close()
      await data.close()
    },
  }
}

export type ServingTestBed = Awaited<ReturnType<typeof createServingTestBed>>

/** The body of a request that is fine. */
export function requestOf(id: string | undefined, inputs: Record<string, unknown> = {}) {
  return {
    ...(id === undefined ? {} : { id }),
    inputs: { at: noon, shop: 'x', size: 50, kind: 'a', ...inputs },
  }
}
