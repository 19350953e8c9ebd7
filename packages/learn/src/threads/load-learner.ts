import type { FindLearner } from '../fit-with.ts'
import type { LearnerKind, LearnerSpec } from '../learner.ts'

const loadForests = () =>
  Promise.all([import('../learners/forest/classifier.ts'), import('../learners/forest/regressor.ts')])
const loadBoosting = () =>
  Promise.all([
    import('../learners/gradient-boosting/classifier.ts'),
    import('../learners/gradient-boosting/regressor.ts'),
  ])

/** Learners that share their work among threads and need no other learner. */
const treeKinds: Readonly<Record<string, () => Promise<LearnerKind>>> = {
  gradientBoostingClassifier: async () => (await loadBoosting())[0].gradientBoostingClassifierKind,
  gradientBoostingRegressor: async () => (await loadBoosting())[1].gradientBoostingRegressorKind,
  randomForestClassifier: async () => (await loadForests())[0].randomForestClassifierKind,
  randomForestRegressor: async () => (await loadForests())[1].randomForestRegressorKind,
  extraTreesClassifier: async () => (await loadForests())[0].extraTreesClassifierKind,
  extraTreesRegressor: async () => (await loadForests())[1].extraTreesRegressorKind,
}

/**
 * Loads what fitting this takes. All learners together are most of this package, 12 MB and 50 ms that a worker which
 * grows trees can do without.
 */
export const loadLearner = async ({ kind }: LearnerSpec): Promise<FindLearner> => {
  if (!Object.hasOwn(treeKinds, kind)) return (await import('../learners.ts')).getLearnerKind
  const learner = await treeKinds[kind]()
  return () => learner
}
