import { fail } from '@millrace/protocol'
import type { FeatureValue } from '../features/index.ts'
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
        const missing = row.ok && features.find(({ name }) => isMissing(row.value.values[name]))
        if (!missing) return row
        return { ok: false, error: fail('endpoint.feature_missing', { ...where, feature: missing.name }) }
      })
    },
  }
}

/** As models see it: they are given NaN or an empty text. */
function isMissing(value: FeatureValue | undefined): boolean {
  return value === null || value === undefined || value === '' || Number.isNaN(value)
}
