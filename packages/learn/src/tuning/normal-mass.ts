import { normalCdf, normalQuantile } from '../normal.ts'
import type { Random } from '../random.ts'
import { drawUniform } from './uniform.ts'

const halfLogTwoPi = Math.log(2 * Math.PI) / 2

/** The log of the standard normal density. */
export const logNormalDensity = (z: number): number => -(z * z) / 2 - halfLogTwoPi

/** The log of the standard normal distribution function; far in the tail by its continued fraction. */
export const logNormalCdf = (z: number): number => {
  if (z > -10) return Math.log(normalCdf(z))
  let fraction = 0
  for (let n = 20; n >= 1; n -= 1) fraction = n / (fraction - z)
  return logNormalDensity(z) - Math.log(fraction - z)
}

/** The log of the standard normal mass between a and b, a ≤ b, exact in both tails. */
export const logNormalMass = (a: number, b: number): number => {
  if (a > 0) return logNormalMass(-b, -a)
  if (b > 0) return Math.log1p(-normalCdf(a) - normalCdf(-b))
  // As exact as by logs, until the numbers are too small.
  if (b > -37) return Math.log(normalCdf(b) - normalCdf(a))
  const upper = logNormalCdf(b)
  return upper + Math.log1p(-Math.exp(logNormalCdf(a) - upper))
}

/** A number of the normal distribution, cut to [low, high], which must hold its mean. */
export const drawTruncatedNormal = (
  random: Random,
  mean: number,
  deviation: number,
  [low, high]: readonly [number, number],
): number => {
  const below = normalCdf((low - mean) / deviation)
  const above = normalCdf((mean - high) / deviation)
  // Counted from the nearer tail, so that no digits are lost.
  const share = drawUniform(random) * (1 - below - above)
  const z =
    below + share <= 0.5 ? normalQuantile(below + share) : -normalQuantile(Math.max(0, 1 - below - share))
  return Math.min(high, Math.max(low, mean + deviation * z))
}
