import { fail, isPlatformError } from '@millrace/protocol'
import type { ContentStore } from '../../ports/content-store.ts'
import type { OnlineReader } from '../features/index.ts'
import { readManifest } from '../registry/index.ts'
import { formatModelVersion, type Revision } from './endpoint.ts'
import { runtimes } from './runtimes/index.ts'
import type { LoadedModel } from './runtimes/runtime.ts'

/** A revision whose model is in memory, checked and warm. */
export interface LoadedVariant {
  revision: number
  modelVersion: string
  features: readonly { name: string; type: string }[]
  model: LoadedModel
  /** Marks a use; the model stays in memory until the function that comes back is called. */
  hold(): () => void
  /** No further use begins: unloads when the running ones have ended. */
  retire(): Promise<void>
}

/** V8 and the runtime both need some calls before they are fast. */
const warmUpRuns = 50
const warmUpRows = [1, 8]

/**
 * Loads a revision's model, checks that the feature service provides what it takes, and warms it up.
 * @throws `model.incompatible` saying what does not fit; `model.manifest_invalid`, `content.not_found`,
 * `content.corrupt`
 */
export async function loadVariant(
  content: ContentStore,
  revision: Pick<Revision, 'endpoint' | 'revision' | 'model' | 'version' | 'manifest'>,
  provided: OnlineReader['features'],
): Promise<LoadedVariant> {
  const where = { endpoint: revision.endpoint, modelVersion: formatModelVersion(revision) }
  const refuse = (reason: string, cause?: unknown) => fail('model.incompatible', { ...where, reason }, cause)
  const manifest = await readManifest(content, revision.manifest)
  for (const { name, type } of manifest.features) {
    const found = provided.find((feature) => feature.name === name)
    if (!found) {
      const known = provided.map((feature) => feature.name).join(', ')
      throw refuse(`it takes the feature "${name}", the feature service provides ${known}`)
    }
    if ((found.type === 'string') !== (type === 'string')) {
      throw refuse(`it takes the feature "${name}" as ${type}, the feature service provides ${found.type}`)
    }
  }
  const runtime = runtimes.find((candidate) => candidate.supports(manifest))
  if (!runtime) throw refuse(`no runtime knows its files: ${Object.keys(manifest.files).join(', ')}`)
  try {
    const model = await runtime.load(manifest, (path) => content.openLocal(manifest.files[path]))
    await warmUp(model)
    return createVariant(revision.revision, {
      modelVersion: where.modelVersion,
      features: manifest.features,
      model,
    })
  } catch (error) {
    if (isPlatformError(error)) throw error
    throw refuse((error as Error).message, error)
  }
}

/** Runs with missing values only: every model must be able to answer those. */
async function warmUp(model: LoadedModel): Promise<void> {
  try {
    for (const rows of warmUpRows) {
      const batch = model.batch(rows)
      for (const column of batch.columns) {
        if (Array.isArray(column)) column.fill('')
        else column.fill(Number.NaN)
      }
      for (let run = 0; run < warmUpRuns; run++) await batch.run()
    }
  } catch (error) {
    await model.unload()
    throw error
  }
}

function createVariant(
  revision: number,
  loaded: Pick<LoadedVariant, 'modelVersion' | 'features' | 'model'>,
): LoadedVariant {
  let uses = 0
  let whenUnused: (() => void) | null = null
  return {
    revision,
    ...loaded,
    hold() {
      uses++
      return () => {
        uses--
        if (uses === 0) whenUnused?.()
      }
    },
    async retire() {
      if (uses > 0) {
        await new Promise<void>((resolve) => {
          whenUnused = resolve
        })
      }
      await loaded.model.unload()
    },
  }
}
