import { resolveMetricWeights, type WeightOptions } from './metric-weights.ts'

export interface ClassScoreOptions extends WeightOptions {
  /** How many classes there are. */
  readonly classes: number
}

/** Throws a RangeError that names the first row whose code is none of 0 … classes - 1. */
export const checkCodes = (what: string, codes: ArrayLike<number>, classes: number): void => {
  for (let row = 0; row < codes.length; row += 1) {
    const code = codes[row]
    if (!(Number.isInteger(code) && code >= 0 && code < classes))
      throw new RangeError(`${what} must be 0 … ${classes - 1}; row ${row} holds ${code}`)
  }
}

/**
 * Checks class codes against `classes` probabilities for each row. Throws a RangeError that names the first bad row,
 * or bad weights.
 */
export const checkClassProbabilities = (
  codes: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  { classes, weights: given }: ClassScoreOptions,
): { readonly rows: number; readonly weights: ArrayLike<number>; readonly total: number } => {
  const rows = codes.length
  if (rows === 0) throw new RangeError('a metric needs at least one row')
  if (probabilities.length !== rows * classes)
    throw new RangeError(
      `there are ${probabilities.length} probabilities for ${rows} rows of ${classes} classes; expected ${rows * classes}`,
    )
  checkCodes('classes', codes, classes)
  for (let at = 0; at < probabilities.length; at += 1)
    if (!(probabilities[at] >= 0 && probabilities[at] <= 1))
      throw new RangeError(
        `row ${Math.floor(at / classes)} has ${probabilities[at]} for class ${at % classes}; expected a probability in [0, 1]`,
      )
  const weights = resolveMetricWeights(given, rows)
  let total = 0
  for (let row = 0; row < rows; row += 1) total += weights[row]
  return { rows, weights, total }
}
