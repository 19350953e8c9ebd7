import { logNormalCdf, logNormalDensity } from '../../normal-mass.ts'

/**
 * log(φ(z) + z Φ(z)): the log of the expected improvement in units of the standard deviation (Ament et al. 2023), exact for
 * any z; far below 0 by the continued fraction of Mills' ratio.
 */
export const logImprovement = (z: number): number => {
  if (z > -4) return Math.log(Math.exp(logNormalDensity(z)) + z * Math.exp(logNormalCdf(z)))
  let fraction = 0
  for (let n = 30; n >= 1; n -= 1) fraction = n / (fraction - z)
  return logNormalDensity(z) + Math.log(fraction / (fraction - z))
}

/** Its derivative, Φ(z) / (φ(z) + z Φ(z)). */
export const logImprovementSlope = (z: number): number => Math.exp(logNormalCdf(z) - logImprovement(z))

/** The derivative of log Φ(z). */
export const logNormalCdfSlope = (z: number): number => Math.exp(logNormalDensity(z) - logNormalCdf(z))
