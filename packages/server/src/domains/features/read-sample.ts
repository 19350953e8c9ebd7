import type { FeatureValue } from './on-demand.ts'
import type { ServicePlan } from './service-plan.ts'

/**
 * Decides by its keys whether a row is in the sample of a feature service, so that it has all reads of a key or none.
 * Undefined if nothing is logged: the service does not say so, or has nothing that is stored.
 * @param columns of the rows
 */
export function createReadSampler(
  { service, views }: ServicePlan,
  columns: readonly string[],
): ((row: readonly FeatureValue[]) => boolean) | undefined {
  const share = service.logReads ?? 0
  const keys = [...new Set(views.flatMap((view) => Object.keys(view.keys)))].map((key) =>
    columns.indexOf(key),
  )
  if (share === 0 || keys.length === 0) return undefined
  const bound = share * 2 ** 32
  return (row) => {
    let text = ''
    for (const place of keys) text += `${row[place]}\u001f`
    return hashOf(text) < bound
  }
}

/** 32 bits: FNV-1a over the UTF-16 units, its bits mixed by the finalizer of MurmurHash3. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
