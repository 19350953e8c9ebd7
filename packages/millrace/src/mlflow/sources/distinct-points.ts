import type { LoggedModelMetric, StoredMetric } from '../store.ts'

/**
 * Drops exact repeats, NaN and its like included.
 * @param seen Identities of points that have been met, of earlier pages too.
 */
export function distinctPoints<Point extends StoredMetric | LoggedModelMetric>(
  points: Point[],
  seen = new Set<string>(),
): Point[] {
  return points.filter((point) => {
    const identity = pointIdentity(point)
    if (seen.has(identity)) return false
    seen.add(identity)
    return true
  })
}

/** The same text for the same point. `-0` and `0` are one value, as they are in every store. */
export function pointIdentity(point: StoredMetric | LoggedModelMetric): string {
  const place = `${point.key}\0${point.at}\0${point.step}\0${point.value}`
  return 'run' in point
    ? `${place}\0${point.run}\0${point.datasetName ?? ''}\0${point.datasetDigest ?? ''}`
    : place
}
