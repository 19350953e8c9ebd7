import type { SmoothFunction } from '../../optimization/objective.ts'

/** A classification problem whose columns are taken as (value - centre) / scale. */
export interface LogisticProblem {
  readonly features: readonly Float32Array[]
  readonly centres: Float64Array
  readonly scales: Float64Array
  /** Class of each row, 0 … classes - 1; each of them occurs. */
  readonly codes: Int32Array
  readonly classes: number
  readonly weights: Float64Array
  readonly fitIntercept: boolean
  /** Of ½ coefficient² (of the unscaled column). */
  readonly l2: number
}

/** How many linear functions there are: one for two classes, else one for each class. */
export const countOutputs = ({ classes }: Pick<LogisticProblem, 'classes'>): number =>
  classes === 2 ? 1 : classes

/** log(1 + e^x) without overflow. */
const softplus = (x: number): number => (x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x)))

/** Makes the margins of two classes into the slopes of the loss, and returns the loss. */
const binaryLoss = ([margins]: readonly Float64Array[], codes: Int32Array, weights: Float64Array): number => {
  let loss = 0
  for (let row = 0; row < codes.length; row += 1) {
    const margin = margins[row]
    loss += weights[row] * (softplus(margin) - codes[row] * margin)
    margins[row] = weights[row] * (1 / (1 + Math.exp(-margin)) - codes[row])
  }
  return loss
}

/** As `binaryLoss`, for a margin of each class. */
const multinomialLoss = (
  margins: readonly Float64Array[],
  codes: Int32Array,
  weights: Float64Array,
): number => {
  let loss = 0
  for (let row = 0; row < codes.length; row += 1) {
    let largest = -Infinity
    for (const margin of margins) largest = Math.max(largest, margin[row])
    const own = margins[codes[row]][row] - largest
    let sum = 0
    for (const margin of margins) {
      margin[row] = Math.exp(margin[row] - largest)
      sum += margin[row]
    }
    loss += weights[row] * (Math.log(sum) - own)
    for (const margin of margins) margin[row] *= weights[row] / sum
    margins[codes[row]][row] -= weights[row]
  }
  return loss
}

/**
 * The mean logistic loss + l2 / 2 Σ coefficient², as a function of one vector: for each output the coefficients of
 * the scaled columns, then the intercept.
 */
export const createLogisticLoss = (problem: LogisticProblem): SmoothFunction => {
  const { features, centres, scales, codes, weights, fitIntercept, l2 } = problem
  const stride = features.length + 1
  const outputs = countOutputs(problem)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const margins = Array.from({ length: outputs }, () => new Float64Array(codes.length))
  const computeLoss = outputs === 1 ? binaryLoss : multinomialLoss

  const fillMargins = (point: Float64Array): void => {
    margins.forEach((margin, output) => {
      margin.fill(point[output * stride + features.length])
      features.forEach((values, column) => {
        const coefficient = point[output * stride + column] / scales[column]
        if (coefficient === 0) return
        const centre = centres[column]
        for (let row = 0; row < values.length; row += 1) margin[row] += coefficient * (values[row] - centre)
      })
    })
  }
  const fillGradient = (gradient: Float64Array): void => {
    margins.forEach((slopes, output) => {
      features.forEach((values, column) => {
        const centre = centres[column]
        let sum = 0
        for (let row = 0; row < values.length; row += 1) sum += slopes[row] * (values[row] - centre)
        gradient[output * stride + column] = sum / (scales[column] * total)
      })
      gradient[output * stride + features.length] = fitIntercept
        ? slopes.reduce((sum, slope) => sum + slope, 0) / total
        : 0
    })
  }

  return (point, gradient) => {
    fillMargins(point)
    let value = computeLoss(margins, codes, weights) / total
    fillGradient(gradient)
    for (let output = 0; output < outputs; output += 1)
      for (let column = 0; column < features.length; column += 1) {
        const at = output * stride + column
        const curvature = l2 / scales[column] ** 2
        value += 0.5 * curvature * point[at] ** 2
        gradient[at] += curvature * point[at]
      }
    return value
  }
}
