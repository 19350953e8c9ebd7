import type { LearnerKind, LearnerSpec } from '../../learner.ts'
import type { Model } from '../../model.ts'
import { checkEnsemble } from '../../trees/check-ensemble.ts'
import type { TreeEnsemble } from '../../trees/ensemble.ts'
import { treeRegressorToOnnx } from '../../trees/onnx/to-onnx.ts'
import { predictTrees } from '../../trees/predict.ts'
import { checkTask } from '../check-model.ts'
import { refuseFit, toModelFeatures } from './predict-only.ts'

interface TreeEnsembleRegressorSpec extends LearnerSpec {
  readonly kind: 'treeEnsembleRegressor'
}
/** Trees for numbers that were read from a file. */
export interface TreeEnsembleRegressorModel extends Model {
  readonly kind: 'treeEnsembleRegressor'
  readonly output: { readonly task: 'regression' }
  readonly trees: TreeEnsemble
}

/** Predicts with trees that were grown elsewhere. */
export const treeEnsembleRegressorKind: LearnerKind<TreeEnsembleRegressorModel, TreeEnsembleRegressorSpec> = {
  kind: 'treeEnsembleRegressor',
  fit: () => refuseFit('treeEnsembleRegressor'),
  predict: ({ trees, inputs }, frame) => ({
    task: 'regression',
    values: predictTrees(trees, toModelFeatures(inputs, frame), frame.rows),
  }),
  check({ trees, inputs, output }) {
    checkTask('regression', output)
    checkEnsemble(trees, inputs.length, 1)
  },
  toOnnx: treeRegressorToOnnx,
}
