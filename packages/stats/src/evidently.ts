import { sortFinite } from './checks.ts'
import { kolmogorovSmirnov } from './kolmogorov-smirnov.ts'
import { populationDeviation, sortedWasserstein } from './wasserstein.ts'

/**
 * A raw column: an Int32Array counts as integer dtype, other numbers as float64; strings are categories, null is
 * missing. Non-finite numbers are dropped first.
 */
export type EvidentlyColumn = ArrayLike<number> | ArrayLike<string | null>

const MAX_CATEGORY_VALUES = 20
const WASSERSTEIN_FLOOR = 0.001

/** `psi` exactly as Evidently 0.7.21. Throws RangeError naming the side without values, TypeError for mixed kinds. */
export function evidentlyPsi(reference: EvidentlyColumn, current: EvidentlyColumn): number {
  const [r, c] = binnedShares(reference, current).map(fillZeros)
  return r.reduce((sum, share, i) => sum + (share - c[i]) * Math.log(share / c[i]), 0)
}

/** `jensenshannon` exactly as Evidently 0.7.21: base e, no zero fill. Errors as `evidentlyPsi`. */
export function evidentlyJensenShannon(reference: EvidentlyColumn, current: EvidentlyColumn): number {
  const [r, c] = binnedShares(reference, current).map(normalise)
  const term = (p: number, q: number): number => (p === 0 ? 0 : p * Math.log((2 * p) / (p + q)))
  const sum = r.reduce((total, p, i) => total + term(p, c[i]) + term(c[i], p), 0)
  return Math.sqrt(Math.max(0, sum) / 2)
}

/**
 * `wasserstein` exactly as Evidently 0.7.21: over max(population deviation of reference, 0.001). Errors as
 * `evidentlyPsi`.
 */
export function evidentlyWasserstein(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  const sorted = sortFinite('reference', reference)
  const distance = sortedWasserstein(sorted, sortFinite('current', current))
  return distance / Math.max(populationDeviation(sorted), WASSERSTEIN_FLOOR)
}

/**
 * `ks` as Evidently 0.7.21: the two-sided p-value, exact up to 10,000 rows a side; above, `kolmogorovSmirnov`'s
 * asymptotic value, within about 1 % of scipy's approximation. Errors as `evidentlyPsi`.
 */
export function evidentlyKs(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  return kolmogorovSmirnov(reference, current).pValue
}

function binnedShares(reference: EvidentlyColumn, current: EvidentlyColumn): [number[], number[]] {
  const r = keepValues('reference', reference)
  const c = keepValues('current', current)
  if (isText(r) !== isText(c))
    throw new TypeError('reference and current must both be numbers or both strings')
  const known = new Set<number | string>(r)
  if (isText(r) || isText(c) || known.size <= MAX_CATEGORY_VALUES) {
    const keys = [...new Set<number | string>([...known, ...c])]
    return [categoryShares(r, keys), categoryShares(c, keys)]
  }
  const edges = sturgesEdges(r, c, reference instanceof Int32Array && current instanceof Int32Array)
  return [histogramShares(r, edges), histogramShares(c, edges)]
}

function keepValues(name: string, column: EvidentlyColumn): number[] | string[] {
  const kept = Array.from<string | number | null>(column).filter((value) =>
    typeof value === 'number' ? Number.isFinite(value) : value !== null,
  )
  if (kept.length === 0) throw new RangeError(`${name} has no value (${column.length} entries)`)
  if (kept.some((value) => typeof value !== typeof kept[0])) {
    throw new TypeError(`${name} mixes numbers and strings`)
  }
  return kept as number[] | string[]
}

function isText(values: number[] | string[]): values is string[] {
  return typeof values[0] === 'string'
}

function categoryShares(values: readonly (number | string)[], keys: readonly (number | string)[]): number[] {
  const counts = new Map<number | string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return keys.map((key) => (counts.get(key) ?? 0) / values.length)
}

/** numpy's histogram_bin_edges(reference + current, bins='sturges'). */
function sturgesEdges(r: readonly number[], c: readonly number[], integers: boolean): number[] {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const side of [r, c]) {
    for (const value of side) {
      min = Math.min(min, value)
      max = Math.max(max, value)
    }
  }
  const width = (max - min) / (Math.log2(r.length + c.length) + 1)
  const bins = Math.ceil((max - min) / (integers ? Math.max(1, width) : width))
  const step = (max - min) / bins
  return Array.from({ length: bins + 1 }, (_, i) => (i === bins ? max : min + i * step))
}

function histogramShares(values: readonly number[], edges: readonly number[]): number[] {
  const bins = edges.length - 1
  const scale = bins / (edges[bins] - edges[0])
  const counts = new Array<number>(bins).fill(0)
  for (const value of values) {
    let bin = Math.min(bins - 1, Math.floor((value - edges[0]) * scale))
    // The product can land one bin off at an edge; the edges decide.
    if (value < edges[bin]) bin--
    else if (bin < bins - 1 && value >= edges[bin + 1]) bin++
    counts[bin]++
  }
  return counts.map((count) => count / values.length)
}

/** Each side by itself and without renormalising, as Evidently does. */
function fillZeros(shares: readonly number[]): number[] {
  const smallest = Math.min(...shares.filter((share) => share > 0))
  const fill = smallest <= 1e-4 ? smallest / 1e6 : 1e-4
  return shares.map((share) => (share === 0 ? fill : share))
}

function normalise(shares: readonly number[]): number[] {
  const total = shares.reduce((sum, share) => sum + share, 0)
  return shares.map((share) => share / total)
}
