/** A smooth convex function: returns its value at `point` and overwrites `gradient`. */
export type SmoothFunction = (point: Float64Array, gradient: Float64Array) => number

export interface DescentLimits {
  readonly maxIter: number
  /** The greatest component of the gradient at which to stop. */
  readonly tol: number
  /** Called before each iteration; may throw to end it. */
  readonly onIteration: (iteration: number) => void
}

export interface Minimum {
  readonly point: Float64Array
  readonly iterations: number
  /** Whether `tol` was reached. */
  readonly converged: boolean
}

export const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0
  for (let index = 0; index < a.length; index += 1) sum += a[index] * b[index]
  return sum
}

export const largestSize = (values: Float64Array): number => {
  let largest = 0
  for (const value of values) largest = Math.max(largest, Math.abs(value))
  return largest
}

/** By how much a value of this size may be off by the rounding of long sums. */
export const roundingSlack = (value: number): number => 16 * Number.EPSILON * Math.abs(value)
