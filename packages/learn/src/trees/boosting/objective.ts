/** Rows of the scores, as they lie in shared memory: score of output k in row r is `scores[k * stride + r]`. */
export interface ObjectiveView {
  readonly scores: Float64Array
  readonly stride: number
  /** The target: a number, or the code of a class, in bytes for log_loss. */
  readonly target: Float64Array | Uint8Array
  /** Of softmax: probabilities, laid out as the scores; empty for the others. */
  readonly probabilities: Float32Array
}

/** Writes the gradient and hessian of output k for the rows from `begin` up to `end`, two numbers for each row. */
export type Gradients = (
  view: ObjectiveView,
  output: number,
  begin: number,
  end: number,
  out: Float32Array,
) => void

export type ObjectiveName =
  | 'squared_error'
  | 'absolute_error'
  | 'quantile'
  | 'poisson'
  | 'log_loss'
  | 'softmax'

/** Least hessian of a probability, so that a certain row still weighs something. */
export const minHessian = 1e-6

const squared: Gradients = ({ scores, target }, _, begin, end, out) => {
  for (let row = begin; row < end; row += 1) {
    out[row * 2] = scores[row] - target[row]
    out[row * 2 + 1] = 1
  }
}

const pinball =
  (quantile: number): Gradients =>
  ({ scores, target }, _, begin, end, out) => {
    for (let row = begin; row < end; row += 1) {
      out[row * 2] = scores[row] >= target[row] ? 1 - quantile : -quantile
      out[row * 2 + 1] = 1
    }
  }

const absolute: Gradients = ({ scores, target }, _, begin, end, out) => {
  for (let row = begin; row < end; row += 1) {
    out[row * 2] = Math.sign(scores[row] - target[row])
    out[row * 2 + 1] = 1
  }
}

const poisson: Gradients = ({ scores, target }, _, begin, end, out) => {
  for (let row = begin; row < end; row += 1) {
    const mean = Math.exp(scores[row])
    out[row * 2] = mean - target[row]
    out[row * 2 + 1] = mean
  }
}

/** Probabilities of all outputs from their scores, for the rows from `begin` up to `end`. */
export const softmax = (
  { scores, stride, probabilities }: ObjectiveView,
  begin: number,
  end: number,
): void => {
  const outputs = probabilities.length / stride
  for (let row = begin; row < end; row += 1) {
    let greatest = -Infinity
    for (let at = row; at < scores.length; at += stride) greatest = Math.max(greatest, scores[at])
    let sum = 0
    for (let output = 0; output < outputs; output += 1) {
      const power = Math.exp(scores[output * stride + row] - greatest)
      probabilities[output * stride + row] = power
      sum += power
    }
    for (let at = row; at < scores.length; at += stride) probabilities[at] /= sum
  }
}

const multinomial: Gradients = ({ probabilities, stride, target }, output, begin, end, out) => {
  for (let row = begin; row < end; row += 1) {
    const probability = probabilities[output * stride + row]
    out[row * 2] = probability - (target[row] === output ? 1 : 0)
    out[row * 2 + 1] = Math.max(minHessian, probability * (1 - probability))
  }
}

/**
 * First and second derivatives of the loss by the score (Friedman 2001); `quantile` is used by the one alone, and
 * `logistic`, which a kernel computes, by log_loss.
 */
export const gradientsOf = (objective: ObjectiveName, quantile: number, logistic: Gradients): Gradients =>
  ({
    squared_error: squared,
    absolute_error: absolute,
    quantile: pinball(quantile),
    poisson,
    log_loss: logistic,
    softmax: multinomial,
  })[objective]

/** log(1 + e^x) that neither overflows nor loses digits. */
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))

/** The loss of one row; what early stopping averages. */
export const lossOf = (
  objective: ObjectiveName,
  quantile: number,
  { scores, stride, target }: ObjectiveView,
  row: number,
): number => {
  const score = scores[row]
  const value = target[row]
  switch (objective) {
    case 'squared_error':
      return (value - score) ** 2 / 2
    case 'absolute_error':
      return Math.abs(value - score)
    case 'quantile':
      return value >= score ? quantile * (value - score) : (1 - quantile) * (score - value)
    case 'poisson':
      return Math.exp(score) - value * score
    case 'log_loss':
      return softplus(score) - value * score
    case 'softmax': {
      let greatest = -Infinity
      for (let at = row; at < scores.length; at += stride) greatest = Math.max(greatest, scores[at])
      let sum = 0
      for (let at = row; at < scores.length; at += stride) sum += Math.exp(scores[at] - greatest)
      return Math.log(sum) + greatest - scores[value * stride + row]
    }
  }
}
