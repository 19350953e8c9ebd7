import { solvePositiveDefinite } from '../../linear-algebra/cholesky.ts'
import { stepConjugateGradient, type UserEquations } from './conjugate-gradient.ts'
import type { Interactions } from './interactions.ts'

export interface FactorRules {
  readonly factors: number
  readonly regularization: number
  readonly alpha: number
  /** null: exact, by Cholesky. */
  readonly cgSteps: number | null
}

/** YᵀY + regularization × I. */
const computeGram = (others: Float64Array, { factors, regularization }: FactorRules): Float64Array => {
  const gram = new Float64Array(factors * factors)
  for (let start = 0; start < others.length; start += factors)
    for (let row = 0; row < factors; row += 1) {
      const value = others[start + row]
      if (value === 0) continue
      for (let column = 0; column <= row; column += 1)
        gram[row * factors + column] += value * others[start + column]
    }
  for (let row = 0; row < factors; row += 1) {
    gram[row * factors + row] += regularization
    for (let column = 0; column < row; column += 1)
      gram[column * factors + row] = gram[row * factors + column]
  }
  return gram
}

/** Overwrites `matrix` and puts the solution into `x`. */
const solveExactly = (equations: UserEquations, x: Float64Array, matrix: Float64Array): void => {
  const { gram, others, alpha, user } = equations
  const { offsets, items, strengths } = equations.interactions
  const factors = x.length
  matrix.set(gram)
  x.fill(0)
  for (let entry = offsets[user]; entry < offsets[user + 1]; entry += 1) {
    const start = items[entry] * factors
    const extra = alpha * strengths[entry]
    for (let row = 0; row < factors; row += 1) {
      const value = others[start + row]
      x[row] += (1 + extra) * value
      const scaled = extra * value
      for (let column = 0; column <= row; column += 1)
        matrix[row * factors + column] += scaled * others[start + column]
    }
  }
  solvePositiveDefinite(matrix, x)
}

/**
 * The factors of each user for given ones of the items: (YᵀY + Yᵀ(C - I)Y + regularization × I)⁻¹ Yᵀ C p with
 * C = 1 + alpha × strength and p = 1 (Hu, Koren & Volinsky 2008, equation 4), or some steps towards them from
 * `previous`. A user without interactions has 0.
 */
export const solveFactors = (
  interactions: Interactions,
  others: Float64Array,
  previous: Float64Array,
  rules: FactorRules,
): Float64Array => {
  const { factors, alpha, cgSteps } = rules
  const { offsets } = interactions
  const gram = computeGram(others, rules)
  const solved = previous.slice()
  const matrix = new Float64Array(gram.length)
  for (let user = 0; user + 1 < offsets.length; user += 1) {
    if (offsets[user] === offsets[user + 1]) continue
    const equations = { gram, others, alpha, interactions, user }
    const x = solved.subarray(user * factors, (user + 1) * factors)
    if (cgSteps === null) solveExactly(equations, x, matrix)
    else stepConjugateGradient(equations, x, cgSteps)
  }
  return solved
}
