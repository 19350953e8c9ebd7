import { alignFrame } from '../align-frame.ts'
import type { Frame } from '../frame.ts'
import { type Model, usedInputs } from '../model.ts'
import type { PipelineModel } from '../pipeline/model.ts'
import { transformFrame } from '../pipeline/pipeline.ts'
import { columnShares } from './column-shares.ts'
import { explainLinear } from './explain-linear.ts'
import { hasTrees, isCalibrated, isLinear, isPipeline } from './model-kinds.ts'
import { listOutputs, type ShapValues, shapValues } from './shap.ts'

/**
 * Of two classes with an output each, what speaks for the second: its own where the two sum to 1, what it is ahead of
 * the first where a softmax follows, which is then the logistic function.
 */
const toSecondClass = (shap: ShapValues): ShapValues => {
  const { outputs, link, features } = shap
  if (outputs.length !== 2 || !(link === 'identity' || link === 'softmax')) return shap
  const width = features.length
  const ahead = (numbers: Float64Array, size: number): Float64Array =>
    Float64Array.from({ length: numbers.length / 2 }, (_, at) => {
      const first = Math.floor(at / size) * 2 * size + (at % size)
      return numbers[first + size] - (link === 'softmax' ? numbers[first] : 0)
    })
  return {
    features,
    outputs: [outputs[1]],
    link: link === 'softmax' ? 'logistic' : link,
    base: ahead(shap.base, 1),
    values: width === 0 ? shap.values : ahead(shap.values, width),
  }
}

/** Contributions of the columns that come out of the transformers, summed by the columns that go in. */
const foldBack = ({ inputs, groups }: PipelineModel, inner: ShapValues, rows: number): ShapValues => {
  const names = usedInputs(inputs).map(({ name }) => name)
  const shares = columnShares(groups)
  const from = inner.features.map((feature) => {
    const own = shares.get(feature)
    if (!own)
      throw new TypeError(`no transformer of the pipeline says where its column '${feature}' comes from`)
    return [...own].map(([name, share]) => [names.indexOf(name), share] as const)
  })
  const outputs = inner.outputs.length
  const width = inner.features.length
  const values = new Float64Array(rows * outputs * names.length)
  for (let line = 0; line < rows * outputs; line += 1)
    for (let feature = 0; feature < width; feature += 1)
      for (const [place, share] of from[feature])
        values[line * names.length + place] += share * inner.values[line * width + feature]
  return { ...inner, features: names, values }
}

/** The mean of explanations of the same columns and outputs explains the mean of what they explain. */
const meanOf = (all: readonly ShapValues[]): ShapValues => {
  const [first] = all
  const mean = (pick: (one: ShapValues) => Float64Array): Float64Array =>
    pick(first).map((_, at) => all.reduce((sum, one) => sum + pick(one)[at], 0) / all.length)
  return { ...first, base: mean(({ base }) => base), values: mean(({ values }) => values) }
}

/**
 * Why each row is predicted as it is: what each column of the frame adds to the model's score, counted from what the
 * model says of no row in particular (`base`). With it the contributions of a row add up to its score, which `link`
 * makes the prediction: the number, the log-odds of the second of two classes, the scores of more, or the probabilities
 * of a forest.
 *
 * - Trees, ours and imported ones: exact SHAP values (see `shapValues`).
 * - Linear models and logistic regression: coefficient × (value − its mean over the training rows), which is the SHAP
 *   value where columns do not depend on each other.
 * - Pipelines: the contributions of the columns that transformers made, summed by the column that each was made of; a
 *   product of two columns (`interactions`) counts half for each.
 * - Calibrated classifiers: the mean of the scores of the models within, before the curves.
 *
 * Throws as `predict`, and a RangeError for models of other kinds, by name, and for trees that do not say how many
 * training rows came to each node.
 */
export const explain = (model: Model, frame: Frame): ShapValues => {
  const aligned = alignFrame(model.inputs, frame)
  if (isPipeline(model))
    return foldBack(model, explain(model.learner, transformFrame(model.groups, aligned)), frame.rows)
  if (isCalibrated(model)) return meanOf(model.members.map((member) => explain(member.model, aligned)))
  if (isLinear(model)) {
    const linear = explainLinear(model, aligned)
    return { ...linear, outputs: listOutputs(model, linear.base.length) }
  }
  if (hasTrees(model)) return toSecondClass(shapValues(model, aligned))
  throw new RangeError(
    `a model of kind '${model.kind}' cannot be explained; trees, linear models, logistic regression, and pipelines and ` +
      'calibrated classifiers of these can',
  )
}
