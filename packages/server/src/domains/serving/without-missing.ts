import { fail } from '@millrace/protocol'
import type { ModelManifest } from '../registry/index.ts'
import type { FeatureLookup } from './feature-lookup.ts'

/** Refuses rows with missing features before they come into a batch with others: that would fail as a whole. */
export function withoutMissing(
  lookup: FeatureLookup,
  { features }: Pick<ModelManifest, 'features'>,
  where: { endpoint: string; modelVersion: string },
): FeatureLookup {
  return {
    ...lookup,
    async read(rows) {
      const found = await lookup.read(rows)
      return found.map((row) => {
        const missing = row.ok && features.find(({ name }) => (row.value.values[name] ?? null) === null)
        if (!missing) return row
        return { ok: false, error: fail('endpoint.feature_missing', { ...where, feature: missing.name }) }
      })
    },
  }
}
