import type { ContentStore } from '../../../ports/content-store.ts'
import type { ModelManifest } from '../../registry/index.ts'
import { runtimes } from './index.ts'
import type { LoadedModel } from './runtime.ts'

/**
 * The model in memory, to be run by the same code as an endpoint's. Its owner unloads it.
 * @throws an Error that says what does not fit; `content.not_found`, `content.corrupt`
 */
export async function openModel(
  content: Pick<ContentStore, 'openLocal'>,
  manifest: ModelManifest,
): Promise<LoadedModel> {
  const runtime = runtimes.find((candidate) => candidate.supports(manifest))
  if (!runtime) throw new Error(`no runtime knows its files: ${Object.keys(manifest.files).join(', ')}`)
  return runtime.load(manifest, (path) => content.openLocal(manifest.files[path]))
}
