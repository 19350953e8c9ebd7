import { solvePositiveDefinite } from '../../linear-algebra/cholesky.ts'
import type { Interactions } from './interactions.ts'

export interface FactorRules {
  readonly factors: number
  readonly regularization: number
  readonly alpha: number
}

/** YᵀY + regularization × I, its lower triangle. */
const computeGram = (others: Float64Array, { factors, regularization }: FactorRules): Float64Array => {
  const gram = new Float64Array(factors * factors)
  for (let start = 0; start < others.length; start += factors)
    for (let row = 0; row < factors; row += 1) {
      const value = others[start + row]
      if (value === 0) continue
      for (let column = 0; column <= row; column += 1)
        gram[row * factors + column] += value * others[start + column]
    }
  for (let factor = 0; factor < factors; factor += 1) gram[factor * factors + factor] += regularization
  return gram
}

/**
 * The factors of each user for given ones of the items: (YᵀY + Yᵀ(C - I)Y + regularization × I)⁻¹ Yᵀ C p with
 * C = 1 + alpha × strength and p = 1 (Hu, Koren & Volinsky 2008, equation 4), exact by Cholesky. A user without
 * interactions has 0.
 */
export const solveFactors = (
  { offsets, items, strengths }: Interactions,
  others: Float64Array,
  rules: FactorRules,
): Float64Array => {
  const { factors, alpha } = rules
  const gram = computeGram(others, rules)
  const solved = new Float64Array((offsets.length - 1) * factors)
  const matrix = new Float64Array(gram.length)
  for (let user = 0; user + 1 < offsets.length; user += 1) {
    if (offsets[user] === offsets[user + 1]) continue
    matrix.set(gram)
    const vector = solved.subarray(user * factors, (user + 1) * factors)
    for (let entry = offsets[user]; entry < offsets[user + 1]; entry += 1) {
      const start = items[entry] * factors
      const extra = alpha * strengths[entry]
      for (let row = 0; row < factors; row += 1) {
        const value = others[start + row]
        vector[row] += (1 + extra) * value
        const scaled = extra * value
        for (let column = 0; column <= row; column += 1)
          matrix[row * factors + column] += scaled * others[start + column]
      }
    }
    solvePositiveDefinite(matrix, vector)
  }
  return solved
}
