import type { FitData, FitOptions, LearnerKind, LearnerSpec } from '../../learner.ts'
import {
  flagOption,
  integerOption,
  makeSpec,
  numberOption,
  type OptionRules,
  resolveOptions,
} from '../../options.ts'
import { descendCoordinates } from './coordinate-descent.ts'
import {
  checkLinear,
  type LinearModel,
  linearToOnnx,
  makeLinearModel,
  predictLinear,
  readRegressors,
} from './linear-model.ts'

export interface LassoOptions {
  /** Strength of the penalty, >= 0. Default 1. */
  readonly alpha?: number
  /** Default true. The intercept is not penalised. */
  readonly fitIntercept?: boolean
  /** Most rounds over all columns. Default 1000. */
  readonly maxIter?: number
  /** When to stop; see `descendCoordinates`. Default 1e-4. */
  readonly tol?: number
  /** Only coefficients >= 0. Default false. */
  readonly positive?: boolean
}
export interface ElasticNetOptions extends LassoOptions {
  /** The share of the penalty that is on absolute values, 0 … 1. Default 0.5. */
  readonly l1Ratio?: number
}
export interface LassoSpec extends LearnerSpec {
  readonly kind: 'lasso'
}
export interface ElasticNetSpec extends LearnerSpec {
  readonly kind: 'elasticNet'
}
interface IteratedModel extends LinearModel {
  /** Rounds over all columns. */
  readonly iterations: number
  /** Whether `tol` was reached before `maxIter`; if not, scale the columns or allow more rounds. */
  readonly converged: boolean
}
export interface LassoModel extends IteratedModel {
  readonly kind: 'lasso'
}
export interface ElasticNetModel extends IteratedModel {
  readonly kind: 'elasticNet'
}

const lassoRules: OptionRules<Required<LassoOptions>> = {
  alpha: numberOption(1, { min: 0 }),
  fitIntercept: flagOption(true),
  maxIter: integerOption(1000, 1, 1e9),
  tol: numberOption(1e-4, { min: 0 }),
  positive: flagOption(false),
}
const elasticNetRules: OptionRules<Required<ElasticNetOptions>> = {
  ...lassoRules,
  l1Ratio: numberOption(0.5, { min: 0, max: 1 }),
}

/**
 * Linear regression with a penalty on absolute values (Tibshirani 1996), which makes coefficients 0: the least
 * Σ weight (y - intercept - Σ coefficient x)² / (2 Σ weight) + alpha Σ |coefficient|, as scikit-learn's Lasso.
 * Columns should be of one scale (`standardScale`). Takes numbers and booleans without missing values. Throws
 * a RangeError for wrong options.
 */
export const lasso = (options: LassoOptions = {}): LassoSpec => makeSpec('lasso', lassoRules, options)

/**
 * As {@link lasso}, with the penalty alpha (l1Ratio Σ |coefficient| + (1 - l1Ratio) / 2 Σ coefficient²)
 * (Zou & Hastie 2005), as scikit-learn's ElasticNet.
 */
export const elasticNet = (options: ElasticNetOptions = {}): ElasticNetSpec =>
  makeSpec('elasticNet', elasticNetRules, options)

const fitElasticNet = <K extends 'lasso' | 'elasticNet'>(
  kind: K,
  { alpha, l1Ratio, fitIntercept, positive, ...rules }: Required<ElasticNetOptions>,
  data: FitData,
  options: FitOptions,
): IteratedModel & { readonly kind: K } => {
  const regressors = readRegressors(kind, data, fitIntercept)
  const total = regressors.weights.reduce((sum, weight) => sum + weight, 0)
  const penalty = { l1: alpha * l1Ratio * total, l2: alpha * (1 - l1Ratio) * total, positive }
  const { coefficients, iterations, converged } = descendCoordinates(regressors, penalty, rules, options)
  return { ...makeLinearModel(kind, data, regressors, coefficients), iterations, converged }
}

export const lassoKind: LearnerKind<LassoModel, LassoSpec> = {
  kind: 'lasso',
  fit(spec, data, options) {
    const resolved = resolveOptions('lasso', lassoRules, spec.options)
    return fitElasticNet('lasso', { ...resolved, l1Ratio: 1 }, data, options)
  },
  predict: predictLinear,
  check: checkLinear,
  toOnnx: linearToOnnx,
}

export const elasticNetKind: LearnerKind<ElasticNetModel, ElasticNetSpec> = {
  kind: 'elasticNet',
  fit: (spec, data, options) =>
    fitElasticNet('elasticNet', resolveOptions('elasticNet', elasticNetRules, spec.options), data, options),
  predict: predictLinear,
  check: checkLinear,
  toOnnx: linearToOnnx,
}
