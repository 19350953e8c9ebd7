import { describeInputs } from '../../align-frame.ts'
import { type ClassWeight, classWeightOption, weighByClass } from '../../class-weights.ts'
import type { FitOptions, LearnerKind, LearnerSpec } from '../../learner.ts'
import { minimizeLbfgs } from '../../optimization/lbfgs.ts'
import type { Minimum } from '../../optimization/objective.ts'
import { minimizeProximal } from '../../optimization/proximal-gradient.ts'
import {
  flagOption,
  integerOption,
  makeSpec,
  numberOption,
  type OptionRule,
  type OptionRules,
  resolveOptions,
} from '../../options.ts'
import type { ClassTarget } from '../../target.ts'
import { readFeatures } from '../features.ts'
import { weightedMean } from '../linear/centre.ts'
import { requireClasses, resolveWeights, weighClasses } from '../target.ts'
import { countOutputs, createLogisticLoss, type LogisticProblem } from './loss.ts'
import { checkLogistic, type LogisticRegressionModel, logisticToOnnx, predictLogistic } from './model.ts'

export interface LogisticRegressionOptions {
  /** Inverse of the strength of the penalty, > 0; null = no penalty (scikit-learn: inf). Default 1. */
  readonly C?: number | null
  /** The share of the penalty that is on absolute values: 0 is L2, 1 is L1. Default 0. */
  readonly l1Ratio?: number
  /** Default true. The intercept is not penalised. */
  readonly fitIntercept?: boolean
  /** null: 1 each; 'balanced': as if each class had as many rows; or a weight by class. Default null. */
  readonly classWeight?: ClassWeight
  /** Most iterations. Default 1000 (scikit-learn: 100). */
  readonly maxIter?: number
  /** Stop when no component of the gradient of the mean loss is larger, the columns being scaled. Default 1e-4. */
  readonly tol?: number
}
export interface LogisticRegressionSpec extends LearnerSpec {
  readonly kind: 'logisticRegression'
}
const inverseStrength: OptionRule<number | null> = (name, value) =>
  value === null ? null : numberOption(1, { above: 0 })(name, value)

const rules: OptionRules<Required<LogisticRegressionOptions>> = {
  C: inverseStrength,
  l1Ratio: numberOption(0, { min: 0, max: 1 }),
  fitIntercept: flagOption(true),
  classWeight: classWeightOption,
  maxIter: integerOption(1000, 1, 1e9),
  tol: numberOption(1e-4, { min: 0 }),
}

/**
 * Logistic regression: the least C Σ weight × log loss + (1 - l1Ratio) / 2 Σ coefficient² + l1Ratio
 * Σ |coefficient|, multinomial for more than two classes, as scikit-learn's LogisticRegression. L-BFGS without
 * an L1 part, FISTA with one, both on scaled columns, which changes the way to the minimum and not the minimum.
 * A class that does not occur among the rows has probability 0; at least two must occur. Takes numbers and
 * booleans without missing values. Throws a RangeError for wrong options.
 */
export const logisticRegression = (options: LogisticRegressionOptions = {}): LogisticRegressionSpec =>
  makeSpec('logisticRegression', rules, options)

const findPresent = (target: ClassTarget, weights: Float64Array): number[] => {
  const sums = weighClasses(target, weights)
  const present = Array.from(sums.keys()).filter((code) => sums[code] > 0)
  if (present.length < 2)
    throw new RangeError(
      `the target is ${String(target.classes[present[0]])} in all rows that have a weight; ` +
        `logisticRegression needs two classes`,
    )
  return present
}

const findScale = (values: Float32Array, weights: Float64Array, centre: number): number => {
  let sum = 0
  let total = 0
  for (let row = 0; row < values.length; row += 1) {
    sum += weights[row] * (values[row] - centre) ** 2
    total += weights[row]
  }
  return sum === 0 ? 1 : Math.sqrt(sum / total)
}

const minimize = (
  problem: LogisticProblem,
  l1: number,
  { maxIter, tol }: { readonly maxIter: number; readonly tol: number },
  { signal, onProgress }: FitOptions,
): Minimum => {
  const stride = problem.features.length + 1
  const start = new Float64Array(countOutputs(problem) * stride)
  const onIteration = (iteration: number): void => {
    signal?.throwIfAborted()
    onProgress?.(iteration, maxIter)
  }
  const compute = createLogisticLoss(problem)
  if (l1 === 0) return minimizeLbfgs(compute, start, { maxIter, tol, onIteration })
  const penalties = start.map((_, at) => {
    const column = at % stride
    return column === stride - 1 ? 0 : l1 / problem.scales[column]
  })
  // The curvature of the loss in one scaled column is at most 1/4.
  return minimizeProximal(compute, penalties, start, { maxIter, tol, onIteration, lipschitz: 0.25 })
}

/** Coefficients and intercepts of the columns as they are, for all classes of the target. */
const unscale = (
  problem: LogisticProblem,
  point: Float64Array,
  present: readonly number[],
  classes: number,
): { coefficients: Float64Array; intercepts: Float64Array } => {
  const { centres, scales } = problem
  const width = scales.length
  const rows = classes === 2 ? 1 : classes
  const coefficients = new Float64Array(rows * width)
  const intercepts = new Float64Array(rows).fill(rows === 1 ? 0 : -Infinity)
  if (present.length === 2 && rows > 1) intercepts[present[0]] = 0
  for (let output = 0; output < countOutputs(problem); output += 1) {
    const row = rows === 1 ? 0 : present[present.length === 2 ? 1 : output]
    let intercept = point[output * (width + 1) + width]
    for (let column = 0; column < width; column += 1) {
      const coefficient = point[output * (width + 1) + column] / scales[column]
      coefficients[row * width + column] = coefficient
      intercept -= coefficient * centres[column]
    }
    intercepts[row] = intercept
  }
  // Moving all intercepts of a softmax changes nothing; those that sum to 0 are taken.
  if (present.length > 2) {
    const mean = present.reduce((sum, row) => sum + intercepts[row], 0) / present.length
    for (const row of present) intercepts[row] -= mean
  }
  return { coefficients, intercepts }
}

export const logisticRegressionKind: LearnerKind<LogisticRegressionModel, LogisticRegressionSpec> = {
  kind: 'logisticRegression',
  fit(spec, data, options) {
    const resolved = resolveOptions('logisticRegression', rules, spec.options)
    const { C, l1Ratio, fitIntercept, classWeight } = resolved
    const target = requireClasses('logisticRegression', data)
    const features = readFeatures('logisticRegression', data.frame)
    const given = resolveWeights(data)
    const weights = weighByClass(target, data.weights, classWeight) ?? given
    const present = findPresent(target, weights)
    const strength = C === null ? 0 : 1 / (C * weights.reduce((sum, weight) => sum + weight, 0))
    const centres = Float64Array.from(features, (values) =>
      fitIntercept ? weightedMean(values, weights) : 0,
    )
    const problem: LogisticProblem = {
      features,
      centres,
      scales: Float64Array.from(features, (values, column) => findScale(values, weights, centres[column])),
      // A class without weight may be any: its rows count nothing.
      codes: target.codes.map((code) => Math.max(0, present.indexOf(code))),
      classes: present.length,
      weights,
      fitIntercept,
      l2: strength * (1 - l1Ratio),
    }
    const { point, iterations, converged } = minimize(problem, strength * l1Ratio, resolved, options)
    return {
      kind: 'logisticRegression',
      inputs: describeInputs(data.frame),
      output: { task: 'classification', classes: [...target.classes] },
      means: Float64Array.from(features, (values) => weightedMean(values, given)),
      ...unscale(problem, point, present, target.classes.length),
      iterations,
      converged,
    }
  },
  predict: predictLogistic,
  check: checkLogistic,
  toOnnx: logisticToOnnx,
}
