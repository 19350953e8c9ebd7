import {
  type DescentLimits,
  dot,
  largestSize,
  type Minimum,
  roundingSlack,
  type SmoothFunction,
} from './objective.ts'

interface Move {
  readonly step: Float64Array
  readonly change: Float64Array
  /** 1 / (step · change). */
  readonly inverse: number
}

const memory = 10
const shortestStep = 1e-20
/** The share of the expected decrease that a step has to bring (Armijo). */
const leastDecrease = 1e-4

/** -H · gradient, with H from the last moves (the two loops of Nocedal & Wright, Numerical Optimization, 7.4). */
const findDirection = (gradient: Float64Array, moves: readonly Move[]): Float64Array => {
  const direction = gradient.map((value) => -value)
  const shares = new Float64Array(moves.length)
  for (let index = moves.length - 1; index >= 0; index -= 1) {
    const { step, change, inverse } = moves[index]
    shares[index] = inverse * dot(step, direction)
    for (let at = 0; at < direction.length; at += 1) direction[at] -= shares[index] * change[at]
  }
  const last = moves.at(-1)
  const scale = last ? 1 / (last.inverse * dot(last.change, last.change)) : 1
  for (let at = 0; at < direction.length; at += 1) direction[at] *= scale
  moves.forEach(({ step, change, inverse }, index) => {
    const share = shares[index] - inverse * dot(change, direction)
    for (let at = 0; at < direction.length; at += 1) direction[at] += share * step[at]
  })
  return direction
}

/**
 * The minimum of a smooth convex function from `start` by L-BFGS (Liu & Nocedal 1989) with ten moves and
 * backtracking steps.
 */
export const minimizeLbfgs = (
  compute: SmoothFunction,
  start: Float64Array,
  { maxIter, tol, onIteration }: DescentLimits,
): Minimum => {
  let point = start
  let gradient = new Float64Array(point.length)
  let value = compute(point, gradient)
  const moves: Move[] = []
  for (let iteration = 0; iteration < maxIter; iteration += 1) {
    if (largestSize(gradient) <= tol) return { point, iterations: iteration, converged: true }
    onIteration(iteration)
    const direction = findDirection(gradient, moves)
    const slope = dot(gradient, direction)
    let length = moves.length === 0 ? Math.min(1, 1 / largestSize(gradient)) : 1
    const next = new Float64Array(point.length)
    const nextGradient = new Float64Array(point.length)
    let nextValue = Infinity
    for (; length > shortestStep; length /= 2) {
      for (let at = 0; at < next.length; at += 1) next[at] = point[at] + length * direction[at]
      nextValue = compute(next, nextGradient)
      if (nextValue <= value + leastDecrease * length * slope + roundingSlack(value)) break
    }
    // Rounding errors are all that is left to follow.
    if (length <= shortestStep) return { point, iterations: iteration, converged: false }
    const step = next.map((item, at) => item - point[at])
    const change = nextGradient.map((item, at) => item - gradient[at])
    const curvature = dot(step, change)
    if (curvature > Number.EPSILON * dot(change, change)) {
      moves.push({ step, change, inverse: 1 / curvature })
      if (moves.length > memory) moves.shift()
    }
    point = next
    gradient = nextGradient
    value = nextValue
  }
  return { point, iterations: maxIter, converged: largestSize(gradient) <= tol }
}
