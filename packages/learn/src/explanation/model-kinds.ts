import type { CalibratedModel } from '../learners/calibrated/model.ts'
import type { LinearModel } from '../learners/linear/linear-model.ts'
import type { LogisticRegressionModel } from '../learners/logistic/model.ts'
import type { Model } from '../model.ts'
import type { PipelineModel } from '../pipeline/model.ts'
import type { TreeEnsemble } from '../trees/ensemble.ts'

const linearKinds = new Set(['linearRegression', 'ridge', 'lasso', 'elasticNet', 'logisticRegression'])

export const isPipeline = (model: Model): model is PipelineModel => model.kind === 'pipeline'

export const isCalibrated = (model: Model): model is CalibratedModel => model.kind === 'calibrated'

export const isLinear = (model: Model): model is LinearModel | LogisticRegressionModel =>
  linearKinds.has(model.kind)

/** Whether it predicts classes or numbers by trees; isolation forests do neither. */
export const hasTrees = (model: Model): model is Model & { readonly trees: TreeEnsemble } => {
  const { task } = model.output
  return (task === 'classification' || task === 'regression') && 'trees' in model
}
