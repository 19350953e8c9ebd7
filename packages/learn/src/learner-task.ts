import type { LearnerSpec } from './learner.ts'
import type { ModelOutput } from './model.ts'

type Task = ModelOutput['task']

const tasks: Readonly<Record<string, Task>> = {
  dummyClassifier: 'classification',
  logisticRegression: 'classification',
  kNeighborsClassifier: 'classification',
  randomForestClassifier: 'classification',
  extraTreesClassifier: 'classification',
  gradientBoostingClassifier: 'classification',
  treeEnsembleClassifier: 'classification',
  calibrated: 'classification',
  dummyRegressor: 'regression',
  linearRegression: 'regression',
  ridge: 'regression',
  lasso: 'regression',
  elasticNet: 'regression',
  kNeighborsRegressor: 'regression',
  randomForestRegressor: 'regression',
  extraTreesRegressor: 'regression',
  gradientBoostingRegressor: 'regression',
  treeEnsembleRegressor: 'regression',
  alternatingLeastSquares: 'regression',
  kMeans: 'clustering',
  isolationForest: 'anomaly',
}

/** What learns at the end of pipelines within pipelines. Throws a RangeError for a pipeline without a learner. */
export const finalLearner = (spec: LearnerSpec): LearnerSpec => {
  if (spec.kind !== 'pipeline') return spec
  const { learner } = spec.options
  const isSpec =
    typeof learner === 'object' && learner !== null && 'kind' in learner && typeof learner.kind === 'string'
  if (!isSpec) throw new RangeError("pipeline's learner must be a learner's specification")
  return finalLearner(learner as LearnerSpec)
}

/**
 * What models of this learner give, known before anything is fitted: it says what target the learner wants.
 * Throws a RangeError for a learner that there is not.
 */
export const learnerTask = (spec: LearnerSpec): Task => {
  const { kind } = finalLearner(spec)
  if (!Object.hasOwn(tasks, kind))
    throw new RangeError(
      `there is no learner '${kind}'; there are ${Object.keys(tasks).join(', ')}, pipeline`,
    )
  return tasks[kind]
}
