export interface Quadrature {
  readonly points: Float64Array
  readonly weights: Float64Array
}

const legendre = (degree: number, x: number): { value: number; slope: number } => {
  let before = 1
  let value = x
  for (let n = 2; n <= degree; n += 1) {
    const next = ((2 * n - 1) * x * value - (n - 1) * before) / n
    before = value
    value = next
  }
  return { value, slope: (degree * (x * value - before)) / (x * x - 1) }
}

/**
 * Gauss-Legendre quadrature on 0 … 1: Σ weight × f(point) is the integral of a polynomial f of a degree up to
 * 2 × count - 1. The points are zeros of the Legendre polynomial, found by Newton's method from Chebyshev's.
 */
export const gaussLegendre = (count: number): Quadrature => {
  if (count === 1) return { points: Float64Array.of(0.5), weights: Float64Array.of(1) }
  const points = new Float64Array(count)
  const weights = new Float64Array(count)
  for (let index = 0; index < count; index += 1) {
    let x = Math.cos((Math.PI * (index + 0.75)) / (count + 0.5))
    // It converges quadratically; a few steps reach the last bit.
    for (let step = 0; step < 10; step += 1) {
      const { value, slope } = legendre(count, x)
      x -= value / slope
    }
    const { slope } = legendre(count, x)
    points[index] = (1 - x) / 2
    weights[index] = 1 / ((1 - x * x) * slope * slope)
  }
  return { points, weights }
}
