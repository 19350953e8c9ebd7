import type { LearnerKind, LearnerSpec } from '../../learner.ts'
import { solveLeastSquares, solveRidge } from '../../linear-algebra/least-squares.ts'
import { flagOption, makeSpec, numberOption, type OptionRules, resolveOptions } from '../../options.ts'
import { condense } from './condense.ts'
import {
  checkLinear,
  type LinearModel,
  linearToOnnx,
  makeLinearModel,
  predictLinear,
  readRegressors,
} from './linear-model.ts'

export interface RidgeOptions {
  /** Strength of the penalty, >= 0; 0 is `linearRegression`. Default 1. */
  readonly alpha?: number
  /** Default true. The intercept is not penalised. */
  readonly fitIntercept?: boolean
}
export interface RidgeSpec extends LearnerSpec {
  readonly kind: 'ridge'
}
export interface RidgeModel extends LinearModel {
  readonly kind: 'ridge'
}

const rules: OptionRules<Required<RidgeOptions>> = {
  alpha: numberOption(1, { min: 0 }),
  fitIntercept: flagOption(true),
}

/**
 * Linear regression with a penalty on squares (Hoerl & Kennard 1970): the least
 * Σ weight (y - intercept - Σ coefficient x)² + alpha Σ coefficient², as scikit-learn's Ridge. Columns should
 * be of one scale (`standardScale`). Takes numbers and booleans without missing values. Throws a RangeError for
 * wrong options.
 */
export const ridge = (options: RidgeOptions = {}): RidgeSpec => makeSpec('ridge', rules, options)

export const ridgeKind: LearnerKind<RidgeModel, RidgeSpec> = {
  kind: 'ridge',
  fit(spec, data, { signal }) {
    const { alpha, fitIntercept } = resolveOptions('ridge', rules, spec.options)
    const regressors = readRegressors('ridge', data, fitIntercept)
    const { matrix, target } = condense(regressors, () => signal?.throwIfAborted())
    const coefficients =
      alpha === 0
        ? solveLeastSquares(matrix, target, Math.max(data.frame.rows, matrix.columns))
        : solveRidge(matrix, target, alpha)
    return makeLinearModel('ridge', data, regressors, coefficients)
  },
  predict: predictLinear,
  check: checkLinear,
  toOnnx: linearToOnnx,
}
