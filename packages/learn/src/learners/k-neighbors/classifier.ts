import type { LearnerKind, LearnerSpec } from '../../learner.ts'
import { makeSpec, resolveOptions } from '../../options.ts'
import type { Label } from '../../target.ts'
import { checkTask } from '../check-model.ts'
import { requireClasses } from '../target.ts'
import {
  checkKNeighbors,
  fitKNeighbors,
  forNeighbors,
  type KNeighborsModel,
  type KNeighborsOptions,
  kNeighborsRules,
} from './k-neighbors.ts'
import { neighborSharesToOnnx } from './to-onnx.ts'

export interface KNeighborsClassifierSpec extends LearnerSpec {
  readonly kind: 'kNeighborsClassifier'
}
export interface KNeighborsClassifierModel extends KNeighborsModel {
  readonly kind: 'kNeighborsClassifier'
  readonly output: { readonly task: 'classification'; readonly classes: readonly Label[] }
}

/**
 * The shares of the classes among the k nearest rows (Cover & Hart 1967), as scikit-learn's KNeighborsClassifier;
 * for the rest see `kNeighborsRegressor`. Throws a RangeError for wrong options and for more neighbours than rows.
 */
export const kNeighborsClassifier = (options: KNeighborsOptions = {}): KNeighborsClassifierSpec =>
  makeSpec('kNeighborsClassifier', kNeighborsRules, options)

export const kNeighborsClassifierKind: LearnerKind<KNeighborsClassifierModel, KNeighborsClassifierSpec> = {
  kind: 'kNeighborsClassifier',
  fit(spec, data) {
    const options = resolveOptions('kNeighborsClassifier', kNeighborsRules, spec.options)
    const { codes, classes } = requireClasses('kNeighborsClassifier', data)
    return {
      kind: 'kNeighborsClassifier',
      output: { task: 'classification', classes: [...classes] },
      ...fitKNeighbors('kNeighborsClassifier', options, data, codes),
    }
  },
  predict(model, frame) {
    const { classes } = model.output
    const probabilities = new Float64Array(frame.rows * classes.length)
    forNeighbors(model, frame, (row, { count, places, masses }) => {
      const start = row * classes.length
      let total = 0
      for (let at = 0; at < count; at += 1) {
        total += masses[at]
        probabilities[start + model.targets[places[at]]] += masses[at]
      }
      for (let code = 0; code < classes.length; code += 1) probabilities[start + code] /= total
    })
    return { task: 'classification', classes, probabilities }
  },
  check(model) {
    checkTask('classification', model.output)
    checkKNeighbors(model)
    const { length } = model.output.classes
    if (!model.targets.every((code) => Number.isInteger(code) && code >= 0 && code < length))
      throw new RangeError(`the model's targets must be codes of its ${length} classes`)
  },
  toOnnx: (model, graph, inputs) => neighborSharesToOnnx(graph, model, inputs, model.output.classes),
}
