import { type DescentLimits, type Minimum, roundingSlack, type SmoothFunction } from './objective.ts'

const shrink = (value: number, threshold: number): number =>
  value > threshold ? value - threshold : value < -threshold ? value + threshold : 0

/**
 * The minimum of a smooth convex function + Σ penalties × |point|: accelerated proximal gradient (FISTA, Beck &
 * Teboulle 2009), started afresh where the momentum points uphill (O'Donoghue & Candès 2015). Stops when no
 * component of the gradient mapping is above `tol`. `lipschitz` is a first guess of the greatest curvature.
 */
export const minimizeProximal = (
  compute: SmoothFunction,
  penalties: Float64Array,
  start: Float64Array,
  { maxIter, tol, onIteration, lipschitz: guess }: DescentLimits & { readonly lipschitz: number },
): Minimum => {
  const size = start.length
  let lipschitz = guess
  let point: Float64Array = start
  let ahead = start.slice()
  let momentum = 1
  const gradient = new Float64Array(size)
  const unused = new Float64Array(size)
  for (let iteration = 1; iteration <= maxIter; iteration += 1) {
    onIteration(iteration - 1)
    const value = compute(ahead, gradient)
    const next = new Float64Array(size)
    for (;;) {
      let bound = value
      for (let at = 0; at < size; at += 1) {
        next[at] = shrink(ahead[at] - gradient[at] / lipschitz, penalties[at] / lipschitz)
        const move = next[at] - ahead[at]
        bound += gradient[at] * move + (lipschitz / 2) * move * move
      }
      if (compute(next, unused) <= bound + roundingSlack(value)) break
      lipschitz *= 2
    }
    let mapping = 0
    let uphill = 0
    for (let at = 0; at < size; at += 1) {
      const move = ahead[at] - next[at]
      mapping = Math.max(mapping, Math.abs(lipschitz * move))
      uphill += move * (next[at] - point[at])
    }
    if (mapping <= tol) return { point: next, iterations: iteration, converged: true }
    const faster = uphill > 0 ? 1 : (1 + Math.sqrt(1 + 4 * momentum * momentum)) / 2
    const share = uphill > 0 ? 0 : (momentum - 1) / faster
    const previous = point
    ahead = next.map((item, at) => item + share * (item - previous[at]))
    momentum = faster
    point = next
  }
  return { point, iterations: maxIter, converged: false }
}
