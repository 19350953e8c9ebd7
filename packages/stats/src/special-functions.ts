const LANCZOS_G = 7
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
]
const EPSILON = 1e-16
const MAX_TERMS = 100_000

/** ln Γ(x) for x > 0: Lanczos (1964) with g = 7 and nine terms, about 1e-15 relative. */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x)
  let sum = LANCZOS[0]
  for (let i = 1; i < LANCZOS.length; i++) sum += LANCZOS[i] / (x - 1 + i)
  const t = x - 0.5 + LANCZOS_G
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum)
}

/**
 * Regularised upper incomplete gamma Q(a, x) for a > 0, x >= 0.
 * Power series of P below a + 1 (DLMF 8.11.4), Legendre's continued fraction above (DLMF 8.9.2, Lentz's method).
 */
function gammaQ(a: number, x: number): number {
  if (x === 0) return 1
  if (x === Number.POSITIVE_INFINITY) return 0
  const scale = Math.exp(a * Math.log(x) - x - logGamma(a))
  return x < a + 1 ? 1 - scale * lowerSeries(a, x) : scale * upperFraction(a, x)
}

function lowerSeries(a: number, x: number): number {
  let term = 1 / a
  let sum = term
  for (let n = 1; n < MAX_TERMS && term > sum * EPSILON; n++) {
    term *= x / (a + n)
    sum += term
  }
  return sum
}

function upperFraction(a: number, x: number): number {
  let b = x + 1 - a
  let c = Number.MAX_VALUE
  let d = 1 / b
  let value = d
  for (let n = 1; n < MAX_TERMS; n++) {
    const numerator = -n * (n - a)
    b += 2
    d = 1 / (b + numerator * d)
    c = b + numerator / c
    const factor = c * d
    value *= factor
    if (Math.abs(factor - 1) < EPSILON) break
  }
  return value
}

/** P(X > x) for chi-square with df > 0 degrees of freedom; 1 for x <= 0. */
export function chiSquareSf(x: number, df: number): number {
  return x <= 0 ? 1 : gammaQ(df / 2, x / 2)
}

/** P(Z > z) of the standard normal; exact at both infinities. */
export function normalSf(z: number): number {
  const tail = gammaQ(0.5, (z * z) / 2) / 2
  return z >= 0 ? tail : 1 - tail
}

/** P(|Z| > |z|) of the standard normal. */
export function normalTwoSided(z: number): number {
  return gammaQ(0.5, (z * z) / 2)
}

/** The z >= 0 with P(|Z| <= z) = confidence, 0 < confidence < 1, by bisection to the last digit. */
export function normalHalfWidth(confidence: number): number {
  let low = 0
  let high = 40
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2
    if (normalTwoSided(middle) > 1 - confidence) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** P(K > z) of the limiting Kolmogorov distribution (Kolmogorov 1933; the theta-function form below z = 1). */
export function kolmogorovSf(z: number): number {
  if (z <= 0) return 1
  let sum = 0
  if (z < 1) {
    const exponent = (-Math.PI * Math.PI) / (8 * z * z)
    for (let k = 1; k <= 9; k += 2) sum += Math.exp(exponent * k * k)
    return 1 - (Math.sqrt(2 * Math.PI) / z) * sum
  }
  for (let k = 1; k <= 6; k++) sum += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * k * k * z * z)
  return sum
}
