import type { LearnerKind, LearnerSpec } from '../../learner.ts'
import { makeSpec, resolveOptions } from '../../options.ts'
import { checkNumbers, checkTask } from '../check-model.ts'
import { requireNumbers } from '../target.ts'
import {
  checkKNeighbors,
  fitKNeighbors,
  forNeighbors,
  type KNeighborsModel,
  type KNeighborsOptions,
  kNeighborsRules,
} from './k-neighbors.ts'
import { neighborMeansToOnnx } from './to-onnx.ts'

export interface KNeighborsRegressorSpec extends LearnerSpec {
  readonly kind: 'kNeighborsRegressor'
}
export interface KNeighborsRegressorModel extends KNeighborsModel {
  readonly kind: 'kNeighborsRegressor'
  readonly output: { readonly task: 'regression' }
}

/**
 * The mean target of the k nearest rows (Cover & Hart 1967), as scikit-learn's KNeighborsRegressor; exact, with a
 * k-d tree. Of rows at the same distance those with the smaller values come first. Columns should be of one scale
 * (`standardScale`). Takes numbers and booleans without missing values. ONNX compares each row with all. Throws a RangeError for wrong options and for more neighbours than rows.
 */
export const kNeighborsRegressor = (options: KNeighborsOptions = {}): KNeighborsRegressorSpec =>
  makeSpec('kNeighborsRegressor', kNeighborsRules, options)

export const kNeighborsRegressorKind: LearnerKind<KNeighborsRegressorModel, KNeighborsRegressorSpec> = {
  kind: 'kNeighborsRegressor',
  fit(spec, data) {
    const options = resolveOptions('kNeighborsRegressor', kNeighborsRules, spec.options)
    const { values } = requireNumbers('kNeighborsRegressor', data)
    return {
      kind: 'kNeighborsRegressor',
      output: { task: 'regression' },
      ...fitKNeighbors('kNeighborsRegressor', options, data, values),
    }
  },
  predict(model, frame) {
    const values = new Float64Array(frame.rows)
    forNeighbors(model, frame, (row, { count, places, masses }) => {
      let total = 0
      let sum = 0
      for (let at = 0; at < count; at += 1) {
        total += masses[at]
        sum += masses[at] * model.targets[places[at]]
      }
      values[row] = sum / total
    })
    return { task: 'regression', values }
  },
  check(model) {
    checkTask('regression', model.output)
    checkKNeighbors(model)
    checkNumbers('targets', model.targets, model.weights.length)
  },
  toOnnx: (model, graph, inputs) => neighborMeansToOnnx(graph, model, inputs),
}
