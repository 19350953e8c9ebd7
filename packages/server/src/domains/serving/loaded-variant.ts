import { fail, isPlatformError, type PlatformError } from '@millrace/protocol'
import type { ContentStore } from '../../ports/content-store.ts'
import { type ModelManifest, readManifest } from '../registry/index.ts'
import { formatModelVersion, type Revision } from './endpoint.ts'
import { type Explainer, loadExplainer } from './explainer.ts'
import type { FeatureLookup } from './feature-lookup.ts'
import type { OpenFeatures } from './pinned-features.ts'
import { findConflict } from './request-needs.ts'
import { runtimes } from './runtimes/index.ts'
import type { LoadedModel } from './runtimes/runtime.ts'
import { withoutMissing } from './without-missing.ts'

/** A revision whose model is in memory, checked and warm. */
export interface LoadedVariant {
  revision: number
  modelVersion: string
  features: readonly { name: string; type: string }[]
  /** The features as the model learnt them. */
  lookup: FeatureLookup
  model: LoadedModel
  /**
   * What explains its predictions, or why nothing can; read when it is first asked for.
   * @throws `content.not_found`, `content.corrupt`; `model.incompatible` for a file that is no such model
   */
  explainer(): Promise<Explainer | string>
  /** Marks a use; the model stays in memory until the function that comes back is called. */
  hold(): () => void
  /** No further use begins: unloads when the running ones have ended. */
  retire(): Promise<void>
}

/** V8 and the runtime both need some calls before they are fast. */
const warmUpRuns = 50
const warmUpRows = [1, 8]

/**
 * Loads a revision's model and the features that it was trained with, checks that they fit, and warms it up.
 * @throws `model.incompatible` saying what does not fit; `model.manifest_invalid`, `content.not_found`,
 * `content.corrupt`
 */
export async function loadVariant(
  deps: { content: ContentStore; openFeatures: OpenFeatures },
  revision: Pick<Revision, 'endpoint' | 'revision' | 'model' | 'version' | 'manifest'>,
): Promise<LoadedVariant> {
  const where = { endpoint: revision.endpoint, modelVersion: formatModelVersion(revision) }
  const refuse = (reason: string, cause?: unknown) => fail('model.incompatible', { ...where, reason }, cause)
  const manifest = await readManifest(deps.content, revision.manifest)
  const pinned = await deps.openFeatures(manifest)
  if (!pinned) throw refuse('its manifest does not say which feature service it was trained with')
  try {
    checkFeatures(manifest, pinned.lookup, refuse)
    const model = await loadModel(deps.content, manifest, refuse)
    return createVariant(revision.revision, {
      modelVersion: where.modelVersion,
      features: manifest.features,
      lookup: model.takesMissing === false ? withoutMissing(pinned.lookup, manifest, where) : pinned.lookup,
      model,
      explainer: once(async () => {
        try {
          return await loadExplainer(deps.content, manifest)
        } catch (error) {
          if (isPlatformError(error)) throw error
          throw refuse((error as Error).message, error)
        }
      }),
      releaseFeatures: pinned.release,
    })
  } catch (error) {
    pinned.release()
    throw error
  }
}

/** Remembers what came of it; what failed is tried again. */
function once<T>(start: () => Promise<T>): () => Promise<T> {
  let started: Promise<T> | undefined
  return () => {
    started ??= start().catch((error: unknown) => {
      started = undefined
      throw error
    })
    return started
  }
}

type Refuse = (reason: string, cause?: unknown) => PlatformError

function checkFeatures(manifest: ModelManifest, { provides }: FeatureLookup, refuse: Refuse): void {
  for (const { name, type } of manifest.features) {
    const found = provides.find((feature) => feature.name === name)
    if (!found) {
      const known = provides.map((feature) => feature.name).join(', ')
      throw refuse(`it takes the feature "${name}", the feature service provides ${known}`)
    }
    if ((found.type === 'string') !== (type === 'string')) {
      throw refuse(`it takes the feature "${name}" as ${type}, the feature service provides ${found.type}`)
    }
  }
}

async function loadModel(
  content: ContentStore,
  manifest: ModelManifest,
  refuse: Refuse,
): Promise<LoadedModel> {
  const runtime = runtimes.find((candidate) => candidate.supports(manifest))
  if (!runtime) throw refuse(`no runtime knows its files: ${Object.keys(manifest.files).join(', ')}`)
  try {
    const model = await runtime.load(manifest, (path) => content.openLocal(manifest.files[path]))
    await warmUp(model)
    return model
  } catch (error) {
    if (isPlatformError(error)) throw error
    throw refuse((error as Error).message, error)
  }
}

/**
 * Checks that there are requests which both can answer.
 * @throws `model.incompatible` naming the column
 */
export function requireServedTogether(
  candidate: Pick<LoadedVariant, 'modelVersion' | 'lookup'>,
  stable: Pick<LoadedVariant, 'modelVersion' | 'lookup'>,
  endpoint: string,
): void {
  const conflict = findConflict(candidate.lookup, stable.lookup)
  if (!conflict) return
  const { column, types } = conflict
  const reason = `it needs "${column}" as ${types[0]}, the stable revision's ${stable.modelVersion} as ${types[1]}; deploy it all at once`
  throw fail('model.incompatible', { endpoint, modelVersion: candidate.modelVersion, reason })
}

/** Runs with missing values only, which most models must be able to answer. */
async function warmUp(model: LoadedModel): Promise<void> {
  try {
    for (const rows of warmUpRows) {
      const batch = model.batch(rows)
      for (const column of batch.columns) {
        if (Array.isArray(column)) column.fill('')
        else column.fill(model.takesMissing === false ? 0 : Number.NaN)
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
  {
    releaseFeatures,
    ...loaded
  }: Pick<LoadedVariant, 'modelVersion' | 'features' | 'lookup' | 'model' | 'explainer'> & {
    releaseFeatures(): void
  },
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
      releaseFeatures()
      await loaded.model.unload()
    },
  }
}
