import type { LearnerKind, LearnerSpec } from '../../learner.ts'
import { solveLeastSquares } from '../../linear-algebra/least-squares.ts'
import { flagOption, makeSpec, type OptionRules, resolveOptions } from '../../options.ts'
import { condense } from './condense.ts'
import {
  checkLinear,
  type LinearModel,
  linearToOnnx,
  makeLinearModel,
  predictLinear,
  readRegressors,
} from './linear-model.ts'

export interface LinearRegressionOptions {
  /** Default true. */
  readonly fitIntercept?: boolean
}
export interface LinearRegressionSpec extends LearnerSpec {
  readonly kind: 'linearRegression'
}
export interface LinearRegressionModel extends LinearModel {
  readonly kind: 'linearRegression'
}

const rules: OptionRules<Required<LinearRegressionOptions>> = { fitIntercept: flagOption(true) }

/**
 * Ordinary least squares: the coefficients with the least Σ weight (y - intercept - Σ coefficient x)². Where
 * columns depend on each other, or there are fewer rows than columns, the ones with the least norm of all such,
 * as scikit-learn's LinearRegression; a constant column gets 0. Takes numbers and booleans without missing
 * values. Throws a RangeError for wrong options.
 */
export const linearRegression = (options: LinearRegressionOptions = {}): LinearRegressionSpec =>
  makeSpec('linearRegression', rules, options)

export const linearRegressionKind: LearnerKind<LinearRegressionModel, LinearRegressionSpec> = {
  kind: 'linearRegression',
  fit(spec, data, { signal }) {
    const { fitIntercept } = resolveOptions('linearRegression', rules, spec.options)
    const regressors = readRegressors('linearRegression', data, fitIntercept)
    const { matrix, target } = condense(regressors, () => signal?.throwIfAborted())
    return makeLinearModel(
      'linearRegression',
      data,
      regressors,
      solveLeastSquares(matrix, target, Math.max(data.frame.rows, matrix.columns)),
    )
  },
  predict: predictLinear,
  check: checkLinear,
  toOnnx: linearToOnnx,
}
