import { decomposeSymmetric } from '../../../linear-algebra/symmetric-eigen.ts'

/** A normal distribution that moves from generation to generation. */
export interface Evolution {
  readonly mean: Float64Array
  /** The step size. */
  readonly sigma: number
  /** Square roots of the covariance's eigenvalues, and row after row its eigenvectors. */
  readonly scales: Float64Array
  readonly axes: Float64Array
  readonly covariance: Float64Array
  readonly sigmaPath: Float64Array
  readonly covariancePath: Float64Array
  readonly generation: number
}

/** Where shares of a range, as numbers of 53 bits, no longer tell moves apart. */
const leastSigma = 1e-12

/** Names and values of the tutorial of Hansen (2016, arXiv 1604.00772), table 1, without negative weights. */
interface Rates {
  readonly weights: Float64Array
  readonly effective: number
  readonly sigmaPath: number
  readonly sigmaDamping: number
  readonly covariancePath: number
  readonly rankOne: number
  readonly rankMu: number
  /** The expected length of a standard normal vector. */
  readonly length: number
}

export const startEvolution = (size: number, sigma: number): Evolution => {
  const identity = new Float64Array(size * size)
  for (let at = 0; at < size; at += 1) identity[at * size + at] = 1
  return {
    mean: new Float64Array(size).fill(0.5),
    sigma,
    scales: new Float64Array(size).fill(1),
    axes: identity,
    covariance: identity,
    sigmaPath: new Float64Array(size),
    covariancePath: new Float64Array(size),
    generation: 0,
  }
}

const findRates = (size: number, population: number): Rates => {
  const parents = Math.floor(population / 2)
  const raw = Float64Array.from(
    { length: parents },
    (_, at) => Math.log((population + 1) / 2) - Math.log(at + 1),
  )
  const total = raw.reduce((sum, weight) => sum + weight, 0)
  const weights = raw.map((weight) => weight / total)
  const effective = 1 / weights.reduce((sum, weight) => sum + weight * weight, 0)
  const sigmaPath = (effective + 2) / (size + effective + 5)
  const rankOne = 2 / ((size + 1.3) ** 2 + effective)
  return {
    weights,
    effective,
    sigmaPath,
    sigmaDamping: 1 + 2 * Math.max(0, Math.sqrt((effective - 1) / (size + 1)) - 1) + sigmaPath,
    covariancePath: (4 + effective / size) / (size + 4 + (2 * effective) / size),
    rankOne,
    rankMu: Math.min(1 - rankOne, (2 * (effective - 2 + 1 / effective)) / ((size + 2) ** 2 + effective)),
    length: Math.sqrt(size) * (1 - 1 / (4 * size) + 1 / (21 * size * size)),
  }
}

/** axes · diag(scales^power) · axesᵀ · vector. */
const transform = ({ axes, scales }: Evolution, vector: Float64Array, power: 1 | -1): Float64Array => {
  const size = vector.length
  const result = new Float64Array(size)
  for (let axis = 0; axis < size; axis += 1) {
    let along = 0
    for (let at = 0; at < size; at += 1) along += axes[axis * size + at] * vector[at]
    along *= scales[axis] ** power
    for (let at = 0; at < size; at += 1) result[at] += along * axes[axis * size + at]
  }
  return result
}

/** The point of a standard normal vector. */
export const pointOf = (evolution: Evolution, normal: Float64Array): Float64Array =>
  transform(evolution, normal, 1).map((move, at) => evolution.mean[at] + evolution.sigma * move)

/** The next generation's distribution, given the points of this one, best first (Hansen 2016, equations 40 to 47). */
export const evolve = (before: Evolution, points: readonly Float64Array[]): Evolution => {
  const { mean, sigma, covariance, generation } = before
  const size = mean.length
  const rates = findRates(size, points.length)
  const moves = points
    .slice(0, rates.weights.length)
    .map((point) => point.map((value, at) => (value - mean[at]) / sigma))
  const move = mean.map((_, at) => moves.reduce((sum, own, rank) => sum + rates.weights[rank] * own[at], 0))
  const sigmaGain = Math.sqrt(rates.sigmaPath * (2 - rates.sigmaPath) * rates.effective)
  const white = transform(before, move, -1)
  const sigmaPath = before.sigmaPath.map((value, at) => (1 - rates.sigmaPath) * value + sigmaGain * white[at])
  const norm = Math.sqrt(sigmaPath.reduce((sum, value) => sum + value * value, 0))
  const settled = Math.sqrt(1 - (1 - rates.sigmaPath) ** (2 * (generation + 1)))
  const stall = norm / settled < (1.4 + 2 / (size + 1)) * rates.length ? 1 : 0
  const pathGain = stall * Math.sqrt(rates.covariancePath * (2 - rates.covariancePath) * rates.effective)
  const covariancePath = before.covariancePath.map(
    (value, at) => (1 - rates.covariancePath) * value + pathGain * move[at],
  )
  const lost = (1 - stall) * rates.covariancePath * (2 - rates.covariancePath)
  const kept = 1 - rates.rankOne - rates.rankMu + rates.rankOne * lost
  const next = new Float64Array(size * size)
  for (let row = 0; row < size; row += 1)
    for (let column = 0; column < size; column += 1) {
      let spread = 0
      for (let rank = 0; rank < moves.length; rank += 1)
        spread += rates.weights[rank] * moves[rank][row] * moves[rank][column]
      next[row * size + column] =
        kept * covariance[row * size + column] +
        rates.rankOne * covariancePath[row] * covariancePath[column] +
        rates.rankMu * spread
    }
  const { values, vectors } = decomposeSymmetric(next, size)
  const growth = (rates.sigmaPath / rates.sigmaDamping) * (norm / rates.length - 1)
  return {
    mean: mean.map((value, at) => value + sigma * move[at]),
    sigma: Math.min(1e3, Math.max(leastSigma, sigma * Math.exp(Math.min(1, growth)))),
    scales: values.map((value) => Math.sqrt(Math.max(1e-20, value))),
    axes: vectors,
    covariance: next,
    sigmaPath,
    covariancePath,
    generation: generation + 1,
  }
}
