import { sortFinite } from './checks.ts'

/**
 * Wasserstein-1 (earth mover's) distance between two samples, divided by the population standard deviation of the
 * reference; non-finite values are dropped. A constant reference gives 0 if current is the same constant, else
 * Infinity. Throws RangeError naming the side that has no finite value.
 */
export function normedWasserstein(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  const a = sortFinite('reference', reference)
  const distance = sortedWasserstein(a, sortFinite('current', current))
  if (distance === 0) return 0
  // A constant's computed deviation can be a rounding error instead of zero.
  return a[0] === a[a.length - 1] ? Number.POSITIVE_INFINITY : distance / populationDeviation(a)
}

/** Integral of |F_a - F_b| over two ascending, non-empty samples. */
export function sortedWasserstein(a: Float64Array, b: Float64Array): number {
  let [i, j, sum] = [0, 0, 0]
  let previous = Math.min(a[0], b[0])
  while (i < a.length || j < b.length) {
    const value = j >= b.length || (i < a.length && a[i] <= b[j]) ? a[i] : b[j]
    sum += Math.abs(i / a.length - j / b.length) * (value - previous)
    while (i < a.length && a[i] === value) i++
    while (j < b.length && b[j] === value) j++
    previous = value
  }
  return sum
}

/** Standard deviation divided by n, in two passes. */
export function populationDeviation(values: Float64Array): number {
  let sum = 0
  for (const value of values) sum += value
  const mean = sum / values.length
  let squares = 0
  for (const value of values) squares += (value - mean) ** 2
  return Math.sqrt(squares / values.length)
}
