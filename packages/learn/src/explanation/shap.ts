import { alignFrame } from '../align-frame.ts'
import type { Frame } from '../frame.ts'
import { type Model, usedInputs } from '../model.ts'
import { transformFrame } from '../pipeline/pipeline.ts'
import type { Label } from '../target.ts'
import type { TreeEnsemble } from '../trees/ensemble.ts'
import { toTreeFeature } from '../trees/features.ts'
import { hasTrees, isPipeline } from './model-kinds.ts'
import { treeShap } from './tree-shap.ts'

export interface ShapValues {
  /** By `shapValues` the columns that the trees see: those of the model, or what a pipeline makes of them. */
  readonly features: readonly string[]
  /** What is explained: the second of two classes, each of more, or of a forest; null: the number of a regression. */
  readonly outputs: readonly (Label | null)[]
  /** What turns the explained sum into the prediction; with 'identity' it is the prediction. */
  readonly link: TreeEnsemble['link']
  /** The explained sum for no row in particular, by output. */
  readonly base: Float64Array
  /** Row after row, by output, by feature. With the base, those of a row and output add up to the explained sum. */
  readonly values: Float64Array
}

export interface FeatureImportance {
  readonly feature: string
  /** Mean of |SHAP value| over the rows, by output. */
  readonly byOutput: Float64Array
  /** Mean of `byOutput`. */
  readonly importance: number
}

const treesOf = (model: Model): TreeEnsemble => {
  if (hasTrees(model)) return model.trees
  throw new RangeError(
    `'${model.kind}' is not made of trees; SHAP values are for forests, gradient boosting and imported tree ensembles`,
  )
}

/** Of two classes with one output the second, else all; null for a number. */
export const listOutputs = ({ output }: Model, count: number): (Label | null)[] => {
  if (output.task !== 'classification') return new Array<null>(count).fill(null)
  return count === 1 ? [output.classes[1]] : [...output.classes]
}

/**
 * Exact SHAP values of a model of trees, or of a pipeline that ends in one, as {@link treeShap} defines them: in the
 * units of the sum before the link (log-odds for boosted classes). Throws as `predict`, and a RangeError for models
 * that are not made of trees or do not know how many training rows came to each node.
 */
export const shapValues = (model: Model, frame: Frame): ShapValues => {
  const aligned = alignFrame(model.inputs, frame)
  if (isPipeline(model)) return shapValues(model.learner, transformFrame(model.groups, aligned))
  const trees = treesOf(model)
  const features = usedInputs(model.inputs).map(({ name }) => name)
  const columns = features.map((name) => toTreeFeature(name, aligned.columns[name]))
  return {
    features,
    outputs: listOutputs(model, trees.outputs),
    link: trees.link,
    ...treeShap(trees, columns, frame.rows),
  }
}

/** How much each feature matters over all rows, the most important one first; ties in the order of the features. */
export const shapImportance = ({ features, outputs, values }: ShapValues): readonly FeatureImportance[] => {
  const cells = outputs.length * features.length
  const rows = cells === 0 ? 0 : values.length / cells
  if (rows === 0) throw new RangeError('importance is a mean over rows; there are none')
  const sums = new Float64Array(cells)
  for (let at = 0; at < values.length; at += 1) sums[at % cells] += Math.abs(values[at])
  return features
    .map((feature, index) => {
      const byOutput = Float64Array.from(
        outputs,
        (_, output) => sums[output * features.length + index] / rows,
      )
      return { feature, byOutput, importance: byOutput.reduce((sum, one) => sum + one, 0) / outputs.length }
    })
    .sort((a, b) => b.importance - a.importance)
}
