import { describeInputs } from '../../align-frame.ts'
import type { LearnerKind, LearnerSpec } from '../../learner.ts'
import type { Model } from '../../model.ts'
import { choiceOption, makeSpec, numberOption, type OptionRules, resolveOptions } from '../../options.ts'
import { findQuantiles } from '../../quantiles.ts'
import { checkTask } from '../check-model.ts'
import { addConstantRows } from '../onnx.ts'
import { requireNumbers, resolveWeights } from '../target.ts'

export interface DummyRegressorOptions {
  /** What is predicted for every row. Default 'mean'. */
  readonly strategy?: 'mean' | 'median' | 'quantile' | 'constant'
  /** For the strategy 'quantile', 0 … 1. Default 0.5 (scikit-learn has none). */
  readonly quantile?: number
  /** For the strategy 'constant'. Default 0 (scikit-learn has none). */
  readonly constant?: number
}
export interface DummyRegressorSpec extends LearnerSpec {
  readonly kind: 'dummyRegressor'
}
export interface DummyRegressorModel extends Model {
  readonly kind: 'dummyRegressor'
  readonly output: { readonly task: 'regression' }
  readonly value: number
}

const rules: OptionRules<Required<DummyRegressorOptions>> = {
  strategy: choiceOption('mean', ['mean', 'median', 'quantile', 'constant']),
  quantile: numberOption(0.5, { min: 0, max: 1 }),
  constant: numberOption(0),
}

/**
 * Predicts one number, whatever the columns hold: what a regressor has to beat. Quantiles are those of numpy
 * (linear interpolation), a weight of 2 being the row twice. Throws a RangeError for wrong options.
 */
export const dummyRegressor = (options: DummyRegressorOptions = {}): DummyRegressorSpec =>
  makeSpec('dummyRegressor', rules, options)

export const dummyRegressorKind: LearnerKind<DummyRegressorModel, DummyRegressorSpec> = {
  kind: 'dummyRegressor',
  fit(spec, data) {
    const { strategy, quantile, constant } = resolveOptions('dummyRegressor', rules, spec.options)
    const { values } = requireNumbers('dummyRegressor', data)
    const weights = resolveWeights(data)
    const mean = (): number =>
      values.reduce((sum, value, row) => sum + value * weights[row], 0) /
      weights.reduce((sum, weight) => sum + weight, 0)
    const quantileAt = (share: number): number => findQuantiles(values, [share], weights)[0]
    const value = {
      mean,
      median: () => quantileAt(0.5),
      quantile: () => quantileAt(quantile),
      constant: () => constant,
    }[strategy]()
    return {
      kind: 'dummyRegressor',
      inputs: describeInputs(data.frame),
      output: { task: 'regression' },
      value,
    }
  },
  predict: ({ value }, { rows }) => ({ task: 'regression', values: new Float64Array(rows).fill(value) }),
  check({ output, value }) {
    checkTask('regression', output)
    if (!Number.isFinite(value)) throw new RangeError(`the model's value must be finite, not ${value}`)
  },
  toOnnx: ({ value }, graph, inputs) => [addConstantRows(graph, inputs, [value])],
}
