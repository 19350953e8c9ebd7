import { type Classification, likeliestClasses, type Prediction } from '../model.ts'
import type { ClassTarget, Label, Target } from '../target.ts'
import type { ClassificationRows, EvaluationRows } from './metric.ts'
import { resolveMetricWeights } from './metric-weights.ts'

export interface EvaluationOptions {
  /** Finite, >= 0, one for each row; a weight of 2 is the row twice. Default: 1 each. */
  readonly weights?: ArrayLike<number>
  /** Which query each row belongs to: ranking metrics rank the rows of one query. */
  readonly queries?: ArrayLike<string | number>
  /** The positive one of two classes. Default: the last one of the prediction (true, 1, 'yes' after 'no'). */
  readonly positive?: Label
  /** Of two classes, the positive one is predicted where its probability is above this. Default 0.5. */
  readonly threshold?: number
}

const describe = (label: Label): string => (typeof label === 'string' ? `'${label}'` : String(label))

/** The classes with the positive one last, and where each was. */
const orderClasses = (classes: readonly Label[], positive: Label | undefined): number[] => {
  const order = classes.map((_, code) => code)
  if (positive === undefined) return order
  const code = classes.indexOf(positive)
  if (code === -1 || classes.length !== 2)
    throw new RangeError(
      `the positive class ${describe(positive)} must be one of two; there are ${classes.map(describe).join(', ')}`,
    )
  return [1 - code, code]
}

/**
 * Codes of the target in the numbering of the prediction. Classes that the model does not know get numbers of their
 * own: they have probability 0, so every such row is a mistake.
 */
const alignClasses = (
  { classes, codes }: ClassTarget,
  known: readonly Label[],
): { codes: Int32Array; classes: Label[] } => {
  const strange = classes.find((label) => typeof label !== typeof known[0])
  if (strange !== undefined)
    throw new TypeError(
      `the target has the class ${describe(strange)} (${typeof strange}), the prediction has ${typeof known[0]}s`,
    )
  const occurs = new Uint8Array(classes.length)
  for (const code of codes) occurs[code] = 1
  const all = [...known, ...classes.filter((label, code) => occurs[code] && !known.includes(label))]
  const codeOf = new Map(all.map((label, code) => [label, code]))
  const translated = classes.map((label) => codeOf.get(label) ?? -1)
  return { codes: codes.map((code) => translated[code]), classes: all }
}

const prepareClasses = (
  prediction: Classification,
  target: ClassTarget,
  { positive, threshold }: EvaluationOptions,
): Pick<ClassificationRows, 'task' | 'classes' | 'codes' | 'predicted' | 'probabilities'> => {
  const order = orderClasses(prediction.classes, positive)
  const known = order.map((code) => prediction.classes[code])
  const { codes, classes } = alignClasses(target, known)
  const rows = codes.length
  const probabilities = new Float64Array(rows * classes.length)
  for (let row = 0; row < rows; row += 1)
    for (let at = 0; at < order.length; at += 1)
      probabilities[row * classes.length + at] = prediction.probabilities[row * order.length + order[at]]
  if (threshold !== undefined && classes.length !== 2)
    throw new RangeError(`a threshold needs two classes; there are ${classes.length}`)
  const predicted =
    classes.length === 2
      ? codes.map((_, row) => (probabilities[row * 2 + 1] > (threshold ?? 0.5) ? 1 : 0))
      : likeliestClasses({ task: 'classification', classes, probabilities })
  return { task: 'classification', classes, codes, predicted, probabilities }
}

/** How many rows a target has. */
const countRows = (target: Target): number =>
  target.kind === 'classes' ? target.codes.length : target.values.length

/**
 * Brings truth and prediction into one numbering of classes. Throws a TypeError if they are of different tasks, a
 * RangeError for lengths that differ, no rows, and weights, a threshold or a positive class that are none.
 */
export const toEvaluationRows = (
  prediction: Prediction,
  target: Target,
  options: EvaluationOptions = {},
): EvaluationRows => {
  const rows = countRows(target)
  const { weights, queries } = options
  if (rows === 0) throw new RangeError('a metric needs at least one row')
  if (weights) resolveMetricWeights(weights, rows)
  if (queries && queries.length !== rows)
    throw new RangeError(`there are ${queries.length} queries for ${rows} rows; they must be equal`)
  if (options.threshold !== undefined && !(options.threshold >= -1 && options.threshold <= 1))
    throw new RangeError(`threshold must be -1 … 1, not ${options.threshold}`)
  const differs = (predictions: number): never => {
    throw new RangeError(`there are ${predictions} predictions for ${rows} rows; they must be equal`)
  }
  if (prediction.task === 'classification' && target.kind === 'classes') {
    const predictions = prediction.probabilities.length / prediction.classes.length
    if (predictions !== rows) differs(predictions)
    return { ...prepareClasses(prediction, target, options), rows, weights, queries }
  }
  if (prediction.task === 'regression' && target.kind === 'numbers') {
    if (prediction.values.length !== rows) differs(prediction.values.length)
    return { task: 'regression', actual: target.values, predicted: prediction.values, rows, weights, queries }
  }
  throw new TypeError(
    `a prediction of ${prediction.task} cannot be measured against a target of ${target.kind}`,
  )
}
