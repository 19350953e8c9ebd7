import type { CategoricalProfile, ColumnProfile, NumericProfile } from './profile.ts'

/**
 * The profile of both windows together, as if their rows had been profiled at once. Counts are exact and the order
 * of merging does not matter; mean and variance agree to rounding (Chan, Golub and LeVeque 1979).
 * Throws TypeError if the two differ in kind, edges or categories.
 */
export function mergeProfiles(first: ColumnProfile, second: ColumnProfile): ColumnProfile {
  requireComparable(first, second, 'second')
  if (first.kind === 'numeric' && second.kind === 'numeric') return mergeNumeric(first, second)
  return mergeCategorical(first as CategoricalProfile, second as CategoricalProfile)
}

/** Throws TypeError, naming `name`, unless both profiles count the same cells. */
export function requireComparable(first: ColumnProfile, second: ColumnProfile, name: string): void {
  if (first.kind !== second.kind) throw new TypeError(`${name} is ${second.kind}, expected ${first.kind}`)
  if (first.kind === 'numeric' && second.kind === 'numeric') {
    requireEqualLists(first.edges, second.edges, `${name}.edges`)
  } else if (first.kind === 'categorical' && second.kind === 'categorical') {
    requireEqualLists(first.categories, second.categories, `${name}.categories`)
  }
}

function requireEqualLists<T>(first: readonly T[], second: readonly T[], name: string): void {
  if (first.length !== second.length || first.some((entry, i) => entry !== second[i])) {
    throw new TypeError(`${name} differ: profile both windows with the bins of the same reference`)
  }
}

function mergeNumeric(first: NumericProfile, second: NumericProfile): NumericProfile {
  const count = first.count + second.count
  return {
    kind: 'numeric',
    edges: first.edges,
    counts: first.counts.map((value, i) => value + second.counts[i]),
    count,
    missing: first.missing + second.missing,
    ...mergeMoments(first, second),
    min: pick(Math.min, first.min, second.min),
    max: pick(Math.max, first.max, second.max),
  }
}

function mergeMoments(a: NumericProfile, b: NumericProfile): Pick<NumericProfile, 'mean' | 'variance'> {
  if (a.mean === null || a.variance === null) return { mean: b.mean, variance: b.variance }
  if (b.mean === null || b.variance === null) return { mean: a.mean, variance: a.variance }
  const share = b.count / (a.count + b.count)
  const delta = b.mean - a.mean
  return {
    mean: a.mean + delta * share,
    variance: a.variance * (1 - share) + b.variance * share + delta * delta * share * (1 - share),
  }
}

function pick(choose: (a: number, b: number) => number, a: number | null, b: number | null): number | null {
  if (a === null) return b
  return b === null ? a : choose(a, b)
}

function mergeCategorical(first: CategoricalProfile, second: CategoricalProfile): CategoricalProfile {
  return {
    kind: 'categorical',
    categories: first.categories,
    counts: first.counts.map((value, i) => value + second.counts[i]),
    other: first.other + second.other,
    missing: first.missing + second.missing,
    count: first.count + second.count,
  }
}
