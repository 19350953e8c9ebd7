import type { LearnerKind, LearnerSpec } from '../../learner.ts'
import type { Model } from '../../model.ts'
import type { Label } from '../../target.ts'
import { checkEnsemble } from '../../trees/check-ensemble.ts'
import { toClassProbabilities } from '../../trees/class-probabilities.ts'
import type { TreeEnsemble } from '../../trees/ensemble.ts'
import { treeClassifierToOnnx } from '../../trees/onnx/to-onnx.ts'
import { predictTrees } from '../../trees/predict.ts'
import { checkTask } from '../check-model.ts'
import { refuseFit, toModelFeatures } from './predict-only.ts'

interface TreeEnsembleClassifierSpec extends LearnerSpec {
  readonly kind: 'treeEnsembleClassifier'
}
/** Trees for classes that were read from a file. */
export interface TreeEnsembleClassifierModel extends Model {
  readonly kind: 'treeEnsembleClassifier'
  readonly output: { readonly task: 'classification'; readonly classes: readonly Label[] }
  /** One output, the probability of the second class, or one for each. */
  readonly trees: TreeEnsemble
}

/** Predicts with trees that were grown elsewhere. */
export const treeEnsembleClassifierKind: LearnerKind<
  TreeEnsembleClassifierModel,
  TreeEnsembleClassifierSpec
> = {
  kind: 'treeEnsembleClassifier',
  fit: () => refuseFit('treeEnsembleClassifier'),
  predict({ trees, inputs, output: { classes } }, frame) {
    const predicted = predictTrees(trees, toModelFeatures(inputs, frame), frame.rows)
    return {
      task: 'classification',
      classes,
      probabilities: trees.outputs === 1 ? toClassProbabilities(predicted, classes.length) : predicted,
    }
  },
  check({ trees, inputs, output }) {
    checkTask('classification', output)
    const { length } = output.classes
    if (length < 2) throw new RangeError(`the model must have classes to choose from, not ${length}`)
    checkEnsemble(trees, inputs.length, length === 2 && trees?.outputs === 1 ? 1 : length)
  },
  toOnnx: treeClassifierToOnnx,
}
