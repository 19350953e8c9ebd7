/** Shares of traffic are counted in this many buckets: a hundredth of a percent each. */
export const buckets = 10_000

/**
 * The bucket of a prediction id, 0 to 9,999: the same for every process and for ever. FNV-1a over the UTF-16 units
 * of salt and id, then the finaliser of MurmurHash3, so that ids that differ in one digit fall far apart.
 */
export function bucketOf(salt: string, id: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < salt.length; i++) hash = Math.imul(hash ^ salt.charCodeAt(i), 0x01000193)
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) % buckets
}

/** Whether a bucket belongs to the candidate at a weight. Monotone: a higher weight only ever adds buckets. */
export function isCandidate(bucket: number, percent: number): boolean {
  return bucket < (percent * buckets) / 100
}
