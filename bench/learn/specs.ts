import { gradientBoostingClassifier, type LearnerSpec, randomForestClassifier } from '@millrace/learn'
import type { Comparison } from './cases.ts'

export const specs: Readonly<Record<Comparison, (seed: number) => LearnerSpec>> = {
  leaves: () => gradientBoostingClassifier({ nEstimators: 100, maxLeafNodes: 31 }),
  // XGBoost's defaults.
  depth: () =>
    gradientBoostingClassifier({
      nEstimators: 100,
      maxLeafNodes: null,
      maxDepth: 6,
      minSamplesLeaf: 1,
      minChildWeight: 1,
      l2Regularization: 1,
      catSmooth: 1,
      catL2: 0,
    }),
  forest: (seed) => randomForestClassifier({ nEstimators: 100, maxDepth: 10, seed }),
}
