/**
 * The standard normal distribution function to about 13 digits: the series around 0 and the continued fraction
 * outside (Abramowitz & Stegun 1964, 26.2.10 and 26.2.14).
 */
export const normalCdf = (z: number): number => {
  if (Number.isNaN(z)) return Number.NaN
  if (Math.abs(z) > 38) return z > 0 ? 1 : 0
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)
  if (Math.abs(z) < 3) {
    let term = z
    let sum = z
    for (let n = 3; Math.abs(term) > 1e-17 * Math.abs(sum); n += 2) {
      term *= (z * z) / n
      sum += term
    }
    return 0.5 + density * sum
  }
  let fraction = 0
  for (let n = 60; n >= 1; n -= 1) fraction = n / (Math.abs(z) + fraction)
  const tail = density / (Math.abs(z) + fraction)
  return z > 0 ? 1 - tail : tail
}

/** The z with {@link normalCdf}(z) = share, by bisection to the last bit; ±Infinity for 1 and 0. */
export const normalQuantile = (share: number): number => {
  if (!(share >= 0 && share <= 1)) throw new RangeError(`a share must be 0 … 1, not ${share}`)
  if (share === 0 || share === 1) return share === 0 ? -Infinity : Infinity
  let low = -39
  let high = 39
  for (;;) {
    const middle = (low + high) / 2
    if (middle <= low || middle >= high) return middle
    if (normalCdf(middle) < share) low = middle
    else high = middle
  }
}
