import { graceMs, type SizedDigest } from './blob.ts'

export interface RecentBlobs {
  /** @param usedAt no later than the time that the database has for it */
  add(blob: SizedDigest, usedAt: number): void
  /** Undefined also if it is sure to stay for less than half of the grace. */
  find(digest: string, now: number): SizedDigest | undefined
}

/**
 * Remembers blobs that were put or used a short while ago, so that who names them a moment later need not be looked up
 * again. It can say of these that they are there, as the collector leaves them alone for the grace, in whatever process it
 * runs; it knows nothing of others.
 * @param most digests, 150,000 of which take some 30 MB; the oldest are forgotten
 */
export function createRecentBlobs(most = 150_000): RecentBlobs {
  const blobs = new Map<string, { blob: SizedDigest; usedAt: number }>()
  return {
    add(blob, usedAt) {
      blobs.delete(blob.digest)
      blobs.set(blob.digest, { blob, usedAt })
      if (blobs.size <= most) return
      // The first of a map is the oldest.
      for (const digest of blobs.keys()) {
        blobs.delete(digest)
        break
      }
    },
    find(digest, now) {
      const found = blobs.get(digest)
      return found && found.usedAt >= now - graceMs / 2 ? found.blob : undefined
    },
  }
}
