import { canonicalJson } from '../../kernel/hash.ts'
import type { FeatureService, OnlineReader } from '../features/index.ts'
import type { ModelManifest } from '../registry/index.ts'
import { createFeatureLookup, type FeatureLookup } from './feature-lookup.ts'

/** The features that a model was trained with, in use until `release`. */
export interface PinnedFeatures {
  lookup: FeatureLookup
  release(): void
}

/**
 * Opens the features of models as they were when the models were trained, whatever is applied now. Models that were
 * trained with the same definitions get the same lookup. Undefined if the manifest names no feature service.
 *
 * The function throws `definition.not_found`, `definition.version_not_found`.
 */
export type OpenFeatures = (
  manifest: Pick<ModelManifest, 'definitions'>,
) => Promise<PinnedFeatures | undefined>

interface Shared {
  opening: Promise<{ reader: OnlineReader; lookup: FeatureLookup }>
  uses: number
}

const servicePrefix = 'feature-service/'

/** The feature service of a model and the versions of all that it is made of; undefined if there is none. */
export function pinsOf({
  definitions = {},
}: Pick<ModelManifest, 'definitions'>): { service: string; definitions: Record<string, string> } | undefined {
  // The label is no part of the features.
  const used = Object.entries(definitions).filter(([id]) => !id.startsWith('training-set/'))
  const service = used.find(([id]) => id.startsWith(servicePrefix))?.[0].slice(servicePrefix.length)
  return service === undefined ? undefined : { service, definitions: Object.fromEntries(used) }
}

export function createPinnedFeatures(features: Pick<FeatureService, 'createOnlineReader'>): OpenFeatures {
  const shared = new Map<string, Shared>()

  async function start(service: string, definitions: Record<string, string>) {
    const reader = await features.createOnlineReader(service, { definitions })
    return { reader, lookup: createFeatureLookup(reader) }
  }

  /** True when it was the last use. */
  function leave(key: string, entry: Shared): boolean {
    entry.uses--
    if (entry.uses > 0) return false
    if (shared.get(key) === entry) shared.delete(key)
    return true
  }

  return async (manifest) => {
    const found = pinsOf(manifest)
    if (!found) return undefined
    const { service, definitions: pins } = found
    const key = canonicalJson(pins)
    const entry = shared.get(key) ?? { opening: start(service, pins), uses: 0 }
    shared.set(key, entry)
    entry.uses++
    try {
      const { reader, lookup } = await entry.opening
      return {
        lookup,
        release() {
          if (leave(key, entry)) reader.close()
        },
      }
    } catch (error) {
      leave(key, entry)
      throw error
    }
  }
}
