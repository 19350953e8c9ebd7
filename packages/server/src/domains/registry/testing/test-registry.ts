import { migrations } from '../../../migrations/index.ts'
import { createRegistryLinks } from '../../../registry-links.ts'
import { createTemporaryStores } from '../../../testing/temporary-stores.ts'
import { createTrackingService } from '../../tracking/index.ts'
import type { EndpointUse } from '../links.ts'
import { createRegistryService } from '../service.ts'

/** A registry on real tracking and artifacts; `uses` is what endpoints serve. */
export async function createTestRegistry() {
  const stores = await createTemporaryStores([])
  await stores.db.migrate(migrations)
  const tracking = createTrackingService(stores)
  const uses: EndpointUse[] = []
  const links = {
    ...createRegistryLinks({ ...stores, tracking, serving: () => ({ listEndpoints: async () => [] }) }),
    listEndpoints: async (model: string) => uses.filter((use) => use.model === model),
  }
  const registry = createRegistryService({ ...stores, links })
  /** Path relative to the artifact root of an own URI. */
  const pathOf = (uri: string) => uri.replace('mlflow-artifacts:/', '')
  return {
    ...stores,
    tracking,
    registry,
    uses,
    /** The service of another process on the same database. */
    another: () => createRegistryService({ ...stores, links }),
    /** A run with files of a model in `model/`. */
    async runWithModel(files: Record<string, string | Uint8Array>, tags: Record<string, string> = {}) {
      const run = await tracking.createRun({ experiment: 'tested', tags })
      for (const [path, content] of Object.entries(files)) {
        const bytes = typeof content === 'string' ? Buffer.from(content) : content
        await stores.artifacts.put(`${pathOf(run.artifactUri)}/model/${path}`, bytes)
      }
      return { id: run.id, source: `${run.artifactUri}/model`, folder: `${pathOf(run.artifactUri)}/model` }
    },
  }
}

/** An `MLmodel` file. */
export function mlmodel(
  over: { flavor?: string; inputs?: object[]; outputs?: object[]; data?: string; example?: string } = {},
): string {
  const { flavor = 'onnx', inputs = [{ name: 'x', type: 'double' }], outputs = [{ type: 'long' }] } = over
  return [
    'flavors:',
    `  ${flavor}:`,
    `    data: ${over.data ?? 'model.onnx'}`,
    '  python_function:',
    '    loader_module: mlflow.any',
    ...(over.example ? ['saved_input_example_info:', `  artifact_path: ${over.example}`] : []),
    'signature:',
    `  inputs: '${JSON.stringify(inputs)}'`,
    `  outputs: '${JSON.stringify(outputs)}'`,
    '  params: null',
    '',
  ].join('\n')
}
