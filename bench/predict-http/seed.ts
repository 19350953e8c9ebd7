import { readFile } from 'node:fs/promises'
import type { Definition } from '@millrace/protocol'
import { loadConfig } from '../../packages/server/src/config.ts'
import { createLogger } from '../../packages/server/src/kernel/logger.ts'
import { createServices } from '../../packages/server/src/services.ts'
import { openStores } from '../../packages/server/src/stores.ts'
import { columns } from './rows.ts'

export const endpoint = 'forest'
const service = 'columns'

const definitions: Definition[] = [
  {
    kind: 'feature-service',
    name: service,
    featureViews: [],
    onDemandViews: [],
    request: Object.fromEntries(columns.map((name) => [name, 'float64'])),
    timestamp: 'at',
  },
  {
    kind: 'endpoint',
    name: endpoint,
    model: 'forest',
    service,
    canary: { steps: [100], minRequests: 1, minLabels: 0, maxErrorRate: 0.01, alpha: 0.01 },
  },
]

/** Prepares a server's folder: definitions, and the forest as a registered version. Returns what to deploy. */
export async function seed(dir: string, onnxPath: string): Promise<{ model: string; version: number }> {
  const config = loadConfig({ dir })
  const stores = await openStores(config)
  try {
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
    const onnx = await stores.content.putBytes(await readFile(onnxPath))
    const manifest = {
      kind: 'model',
      algorithm: 'RandomForestClassifier',
      task: 'binary-classification',
      classes: [0, 1],
      files: { 'model.onnx': onnx.digest },
      features: columns.map((name) => ({ name, type: 'float64' })),
      label: { name: 'label', type: 'int64' },
      definitions: {
        [`feature-service/${service}`]: await services.definitions.version('feature-service', service),
      },
    }
    const { digest } = await stores.content.putBytes(Buffer.from(JSON.stringify(manifest)))
    const { model, version } = await services.registry.registerVersion({
      model: 'forest',
      manifest: digest,
      gate: { passed: true, reason: 'trained elsewhere', evaluation: null, metrics: {} },
      lineage: { run: null, trainingSet: null, datasets: [], definitions: {}, bundles: [] },
    })
    return { model, version }
  } finally {
    await stores.close()
  }
}
