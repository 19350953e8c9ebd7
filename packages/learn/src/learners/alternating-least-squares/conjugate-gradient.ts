import type { Interactions } from './interactions.ts'

/** The equations of one user: (gram + Σ alpha × strength y yᵀ) x = Σ (1 + alpha × strength) y over his items. */
export interface UserEquations {
  /** YᵀY + regularization × I. */
  readonly gram: Float64Array
  /** Factors of the items, [items, factors]. */
  readonly others: Float64Array
  readonly alpha: number
  readonly interactions: Interactions
  readonly user: number
}

/** target += Σ scale(strength, y · vector) y over the user's items. */
const addItems = (
  { others, interactions: { offsets, items, strengths }, user }: UserEquations,
  vector: Float64Array,
  target: Float64Array,
  scale: (strength: number, product: number) => number,
): void => {
  const factors = vector.length
  for (let entry = offsets[user]; entry < offsets[user + 1]; entry += 1) {
    const start = items[entry] * factors
    let product = 0
    for (let factor = 0; factor < factors; factor += 1) product += others[start + factor] * vector[factor]
    const share = scale(strengths[entry], product)
    for (let factor = 0; factor < factors; factor += 1) target[factor] += share * others[start + factor]
  }
}

/** target = gram × vector × sign. */
const multiplyGram = (gram: Float64Array, vector: Float64Array, target: Float64Array, sign: 1 | -1): void => {
  const factors = vector.length
  for (let row = 0; row < factors; row += 1) {
    let sum = 0
    for (let column = 0; column < factors; column += 1) sum += gram[row * factors + column] * vector[column]
    target[row] = sign * sum
  }
}

const squaredNorm = (vector: Float64Array): number => vector.reduce((sum, value) => sum + value * value, 0)

/** Squares of residuals below this are rounding. */
const leastResidual = 1e-20

/**
 * Moves x some steps towards the solution (Takács, Pilászy & Tikk 2011, Applications of the Conjugate Gradient
 * Method for Implicit Feedback Collaborative Filtering): the work grows with the factors and not with their square
 * for each item, and the next round goes on from here.
 */
export const stepConjugateGradient = (equations: UserEquations, x: Float64Array, steps: number): void => {
  const { gram, alpha } = equations
  const residual = new Float64Array(x.length)
  multiplyGram(gram, x, residual, -1)
  addItems(equations, x, residual, (strength, product) => 1 + alpha * strength - alpha * strength * product)
  const direction = residual.slice()
  const image = new Float64Array(x.length)
  let size = squaredNorm(residual)
  for (let step = 0; step < steps && size > leastResidual; step += 1) {
    multiplyGram(gram, direction, image, 1)
    addItems(equations, direction, image, (strength, product) => alpha * strength * product)
    let curvature = 0
    for (let factor = 0; factor < x.length; factor += 1) curvature += direction[factor] * image[factor]
    const length = size / curvature
    for (let factor = 0; factor < x.length; factor += 1) {
      x[factor] += length * direction[factor]
      residual[factor] -= length * image[factor]
    }
    const before = size
    size = squaredNorm(residual)
    for (let factor = 0; factor < x.length; factor += 1)
      direction[factor] = residual[factor] + (size / before) * direction[factor]
  }
}
