import { createHash } from 'node:crypto'
import { pointIdentity } from './sources/distinct-points.ts'
import type { StoredMetric } from './store.ts'

export interface PointsSummary {
  count: number
  /** The same for the same set of points, in whatever order they came. */
  digest: string
}

const modulus = 1n << 128n
/** MLflow's databases keep an infinity as the largest finite number: what it stood for is not known any more. */
const largest = Number.MAX_VALUE

/**
 * Sums the points of a run: number and digest. The digest is the sum modulo 2^128 of the SHA-256 of every point, so the
 * order does not matter. Infinities count as the largest finite numbers, which is how some stores keep them.
 */
export async function summarizePoints(pages: AsyncIterable<StoredMetric[]>): Promise<PointsSummary> {
  let count = 0
  let sum = 0n
  for await (const page of pages) {
    count += page.length
    for (const point of page) sum = (sum + hashOf(point)) % modulus
  }
  return { count, digest: sum.toString(16).padStart(32, '0') }
}

function hashOf(point: StoredMetric): bigint {
  const value = Math.min(largest, Math.max(-largest, point.value))
  const bytes = createHash('sha256')
    .update(pointIdentity({ ...point, value }))
    .digest()
  return (bytes.readBigUInt64BE(0) << 64n) | bytes.readBigUInt64BE(8)
}

/** The point as every store can keep it. */
export function comparable<Point extends StoredMetric>(point: Point): Point {
  return { ...point, value: Math.min(largest, Math.max(-largest, point.value)) }
}
