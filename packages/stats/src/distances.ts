import { requireBetween, requireSameLength, sumCounts } from './checks.ts'

/** How `psi` and `klDivergence` avoid the logarithm of zero. */
export interface SmoothingOptions {
  /** Added to every cell of both sides; default 0.5 (Jeffreys). With 0 an empty cell can give Infinity. */
  readonly smoothing?: number
}

/**
 * Population stability index of two lists of counts over the same cells: sum of (r - c) ln(r / c), nats, symmetric,
 * >= 0. Throws RangeError for different lengths, a negative or non-finite count, or a side without any row.
 */
export function psi(
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
  { smoothing = 0.5 }: SmoothingOptions = {},
): number {
  const [r, c] = toShares(reference, current, smoothing)
  return sumCells(r, c, (p, q) => (p === q ? 0 : (p - q) * Math.log(p / q)))
}

/** Kullback-Leibler divergence from current to reference, sum of r ln(r / c), in nats. Errors as `psi`. */
export function klDivergence(
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
  { smoothing = 0.5 }: SmoothingOptions = {},
): number {
  const [r, c] = toShares(reference, current, smoothing)
  return Math.max(0, sumCells(r, c, divergenceTerm))
}

/**
 * Jensen-Shannon distance of two lists of counts: the root of the divergence in nats, symmetric, from 0 to
 * sqrt(ln 2) = 0.83255. Empty cells need no smoothing. Errors as `psi`.
 */
export function jensenShannon(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  return Math.sqrt(jensenShannonDivergence(reference, current))
}

/** Square of `jensenShannon`. */
export function jensenShannonDivergence(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  const [r, c] = toShares(reference, current, 0)
  const half = (p: number, q: number): number => divergenceTerm(p, (p + q) / 2)
  return Math.max(
    0,
    sumCells(r, c, (p, q) => (half(p, q) + half(q, p)) / 2),
  )
}

/** Hellinger distance sqrt(1 - sum sqrt(r c)): symmetric, from 0 to 1. Errors as `psi`. */
export function hellinger(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  const [r, c] = toShares(reference, current, 0)
  // Half the squared difference of roots is the same number without cancellation near zero.
  return Math.min(1, Math.sqrt(sumCells(r, c, (p, q) => (Math.sqrt(p) - Math.sqrt(q)) ** 2) / 2))
}

/** Total variation distance, half the sum of |r - c|: symmetric, from 0 to 1. Errors as `psi`. */
export function totalVariation(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  const [r, c] = toShares(reference, current, 0)
  return Math.min(1, sumCells(r, c, (p, q) => Math.abs(p - q)) / 2)
}

function divergenceTerm(p: number, q: number): number {
  return p === 0 ? 0 : p * Math.log(p / q)
}

function sumCells(r: Float64Array, c: Float64Array, term: (p: number, q: number) => number): number {
  let sum = 0
  for (let i = 0; i < r.length; i++) sum += term(r[i], c[i])
  return sum
}

function toShares(
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
  smoothing: number,
): [Float64Array, Float64Array] {
  requireSameLength('current', current.length, reference.length)
  requireBetween('smoothing', smoothing, [0, Number.MAX_VALUE])
  return [shares('reference', reference, smoothing), shares('current', current, smoothing)]
}

function shares(name: string, counts: ArrayLike<number>, smoothing: number): Float64Array {
  const total = sumCounts(name, counts)
  if (total === 0) throw new RangeError(`${name} has no rows: all counts are zero`)
  const scale = total + smoothing * counts.length
  return Float64Array.from(counts, (count) => (count + smoothing) / scale)
}
