import { sortFinite } from './checks.ts'
import { kolmogorovSf } from './special-functions.ts'

const EXACT_UP_TO_ROWS = 10_000

export interface KolmogorovSmirnovResult {
  /** Largest distance D between the two empirical distribution functions. */
  readonly statistic: number
  /** Two-sided. */
  readonly pValue: number
  readonly method: 'exact' | 'asymptotic'
}

/**
 * Two-sample Kolmogorov-Smirnov test on raw values; non-finite ones are dropped. Up to 10,000 rows a side p is exact
 * for continuous data (conservative with ties); above, Kolmogorov's limit at the effective size, with Vrbik's (2018)
 * small-sample correction. Throws RangeError naming the side that has no finite value.
 */
export function kolmogorovSmirnov(
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
): KolmogorovSmirnovResult {
  const a = sortFinite('reference', reference)
  const b = sortFinite('current', current)
  const gap = largestGap(a, b)
  const statistic = gap / (a.length * b.length)
  if (Math.max(a.length, b.length) <= EXACT_UP_TO_ROWS) {
    return { statistic, pValue: exactPValue(a.length, b.length, gap), method: 'exact' }
  }
  const size = (a.length * b.length) / (a.length + b.length)
  const z = statistic * Math.sqrt(size)
  const corrected = z + 1 / (6 * Math.sqrt(size)) + (z - 1) / (4 * size)
  return { statistic, pValue: gap === 0 ? 1 : kolmogorovSf(corrected), method: 'asymptotic' }
}

/** D times both sizes: an integer, so ties with the observed value are exact below. */
function largestGap(a: Float64Array, b: Float64Array): number {
  let [i, j, largest] = [0, 0, 0]
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i], b[j])
    while (i < a.length && a[i] === value) i++
    while (j < b.length && b[j] === value) j++
    largest = Math.max(largest, Math.abs(i * b.length - j * a.length))
  }
  return largest
}

/**
 * Share of lattice paths from (0,0) to (n,m) that reach the observed distance from the diagonal (Hodges 1958). Of the
 * paths to (i,j) a share i/(i+j) comes from (i-1,j); only the band inside the boundary needs to be visited.
 */
function exactPValue(n: number, m: number, gap: number): number {
  if (gap === 0) return 1
  const reached = new Float64Array(m + 1).fill(1)
  for (let j = 0; j <= m && j * n < gap; j++) reached[j] = 0
  for (let i = 1; i <= n; i++) {
    const low = Math.max(0, Math.floor((i * m - gap) / n) + 1)
    const high = Math.min(m, Math.ceil((i * m + gap) / n) - 1)
    let left = 1
    for (let j = low; j <= high; j++) {
      left = (reached[j] * i + left * j) / (i + j)
      reached[j] = left
    }
  }
  return reached[m]
}
