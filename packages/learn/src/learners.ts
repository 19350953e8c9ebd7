import type { LearnerKind } from './learner.ts'
import { alternatingLeastSquaresKind } from './learners/alternating-least-squares/alternating-least-squares.ts'
import { makeCalibratedKind } from './learners/calibrated/calibrated.ts'
import { dummyClassifierKind } from './learners/dummy/classifier.ts'
import { dummyRegressorKind } from './learners/dummy/regressor.ts'
import { extraTreesClassifierKind, randomForestClassifierKind } from './learners/forest/classifier.ts'
import { extraTreesRegressorKind, randomForestRegressorKind } from './learners/forest/regressor.ts'
import { gradientBoostingClassifierKind } from './learners/gradient-boosting/classifier.ts'
import { gradientBoostingRegressorKind } from './learners/gradient-boosting/regressor.ts'
import { isolationForestKind } from './learners/isolation-forest/isolation-forest.ts'
import { kMeansKind } from './learners/k-means/k-means.ts'
import { kNeighborsClassifierKind } from './learners/k-neighbors/classifier.ts'
import { kNeighborsRegressorKind } from './learners/k-neighbors/regressor.ts'
import { elasticNetKind, lassoKind } from './learners/linear/elastic-net.ts'
import { linearRegressionKind } from './learners/linear/linear-regression.ts'
import { ridgeKind } from './learners/linear/ridge.ts'
import { logisticRegressionKind } from './learners/logistic/logistic-regression.ts'
import { treeEnsembleClassifierKind } from './learners/tree-ensemble/classifier.ts'
import { treeEnsembleRegressorKind } from './learners/tree-ensemble/regressor.ts'
import { makePipelineKind } from './pipeline/pipeline.ts'

const kinds: readonly LearnerKind[] = [
  dummyClassifierKind,
  dummyRegressorKind,
  linearRegressionKind,
  ridgeKind,
  lassoKind,
  elasticNetKind,
  logisticRegressionKind,
  kMeansKind,
  kNeighborsClassifierKind,
  kNeighborsRegressorKind,
  alternatingLeastSquaresKind,
  randomForestClassifierKind,
  randomForestRegressorKind,
  extraTreesClassifierKind,
  extraTreesRegressorKind,
  gradientBoostingClassifierKind,
  gradientBoostingRegressorKind,
  isolationForestKind,
  treeEnsembleClassifierKind,
  treeEnsembleRegressorKind,
  makeCalibratedKind((kind) => getLearnerKind(kind)),
  makePipelineKind((kind) => getLearnerKind(kind)),
]

/** Every learner, by kind. */
export const learnerKinds: ReadonlyMap<string, LearnerKind> = new Map(kinds.map((kind) => [kind.kind, kind]))

/** Throws a RangeError that lists the kinds there are. */
export const getLearnerKind = (kind: string): LearnerKind => {
  const found = learnerKinds.get(kind)
  if (!found)
    throw new RangeError(`there is no learner '${kind}'; there are ${[...learnerKinds.keys()].join(', ')}`)
  return found
}
