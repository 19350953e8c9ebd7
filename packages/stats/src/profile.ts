import { findCell } from './bins.ts'
import { requireInteger } from './checks.ts'

/** What one window of a numeric column looked like. Plain data: `JSON.stringify` keeps it whole. */
export interface NumericProfile {
  readonly kind: 'numeric'
  /** From `fitBins`; profiles can be compared and merged only if their edges are equal. */
  readonly edges: readonly number[]
  /** edges.length + 1 counts: below the first edge, each bin, above the last edge. */
  readonly counts: readonly number[]
  /** Finite values; equals the sum of `counts`. */
  readonly count: number
  /** NaN and infinite values. */
  readonly missing: number
  /** Null, like the three that follow, if count is 0. */
  readonly mean: number | null
  /** Population variance (divided by count). */
  readonly variance: number | null
  readonly min: number | null
  readonly max: number | null
}

/** What one window of a categorical column looked like. Plain data: `JSON.stringify` keeps it whole. */
export interface CategoricalProfile {
  readonly kind: 'categorical'
  /** From `fitCategories`; profiles can be compared and merged only if their categories are equal. */
  readonly categories: readonly string[]
  /** One count per category. */
  readonly counts: readonly number[]
  /** Values that are none of `categories`. */
  readonly other: number
  /** Null and undefined. */
  readonly missing: number
  /** Values that are not missing: the sum of `counts` plus `other`. */
  readonly count: number
}

export type ColumnProfile = NumericProfile | CategoricalProfile

/**
 * Counts a numeric column into the bins of `fitBins` and takes its moments. NaN and infinite values are missing.
 * Throws RangeError if a value is so large (about 1e150) that the variance overflows.
 */
export function profileNumeric(values: ArrayLike<number>, edges: readonly number[]): NumericProfile {
  requireEdges(edges)
  const counts = new Array<number>(edges.length + 1).fill(0)
  let [count, mean, squares] = [0, 0, 0]
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (!Number.isFinite(value)) continue
    counts[findCell(edges, value)]++
    count++
    // Welford (1962): stable for a large mean with a small spread.
    const delta = value - mean
    mean += delta / count
    squares += delta * (value - mean)
    if (value < min) min = value
    if (value > max) max = value
  }
  if (!Number.isFinite(squares))
    throw new RangeError(`values reach from ${min} to ${max}: the variance overflows`)
  const missing = values.length - count
  const shape = { kind: 'numeric' as const, edges: [...edges], counts, count, missing }
  if (count === 0) return { ...shape, mean: null, variance: null, min: null, max: null }
  return { ...shape, mean, variance: squares / count, min, max }
}

/**
 * The categories to count from now on: the most frequent of the reference, at most `maxCategories`, ties in code
 * unit order. Everything else will be counted as `other`. Throws RangeError if the reference has no value or
 * maxCategories is not a positive integer.
 */
export function fitCategories(
  reference: ArrayLike<string | null | undefined>,
  maxCategories: number,
): string[] {
  requireInteger('maxCategories', maxCategories, 1)
  const counts = new Map<string, number>()
  for (let i = 0; i < reference.length; i++) {
    const value = reference[i]
    if (value !== null && value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  if (counts.size === 0) throw new RangeError(`reference has no value (${reference.length} entries)`)
  return [...counts]
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .slice(0, maxCategories)
    .map(([category]) => category)
}

/** Counts a categorical column. Null and undefined are missing; unknown values are `other`. */
export function profileCategorical(
  values: ArrayLike<string | null | undefined>,
  categories: readonly string[],
): CategoricalProfile {
  requireDistinct(categories)
  const places = new Map(categories.map((category, place) => [category, place]))
  const counts = new Array<number>(categories.length).fill(0)
  let [other, missing] = [0, 0]
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (value === null || value === undefined) missing++
    else {
      const place = places.get(value)
      if (place === undefined) other++
      else counts[place]++
    }
  }
  return {
    kind: 'categorical',
    categories: [...categories],
    counts,
    other,
    missing,
    count: values.length - missing,
  }
}

/** Refuses edges that `fitBins` cannot have made. */
export function requireEdges(edges: readonly number[]): void {
  const last = edges.length - 1
  const ascending = edges.every(
    (edge, i) =>
      // The largest value may have a bin of its own, closed on both sides.
      Number.isFinite(edge) && (i === 0 || edge > edges[i - 1] || (i === last && edge === edges[i - 1])),
  )
  if (edges.length < 2 || !ascending) {
    throw new RangeError(`edges must be at least two finite ascending numbers, got [${edges.join(', ')}]`)
  }
}

/** Refuses a list of categories with a repeated entry. */
export function requireDistinct(categories: readonly string[]): void {
  const repeated = categories.find((category, i) => categories.indexOf(category) !== i)
  if (repeated !== undefined) throw new RangeError(`categories names ${JSON.stringify(repeated)} twice`)
}

/** All rows that a profile has seen. */
export function countRows(profile: ColumnProfile): number {
  return profile.count + profile.missing
}
