import { booleanColumn, categoricalColumn, createFrame, numericColumn } from '../frame.ts'
import type { FitData, LearnerSpec } from '../learner.ts'
import { alternatingLeastSquares } from '../learners/alternating-least-squares/alternating-least-squares.ts'
import { calibrated } from '../learners/calibrated/calibrated.ts'
import { dummyClassifier } from '../learners/dummy/classifier.ts'
import { dummyRegressor } from '../learners/dummy/regressor.ts'
import { extraTreesClassifier, randomForestClassifier } from '../learners/forest/classifier.ts'
import { extraTreesRegressor, randomForestRegressor } from '../learners/forest/regressor.ts'
import { gradientBoostingClassifier } from '../learners/gradient-boosting/classifier.ts'
import { gradientBoostingRegressor } from '../learners/gradient-boosting/regressor.ts'
import { isolationForest } from '../learners/isolation-forest/isolation-forest.ts'
import { kMeans } from '../learners/k-means/k-means.ts'
import { kNeighborsClassifier } from '../learners/k-neighbors/classifier.ts'
import { kNeighborsRegressor } from '../learners/k-neighbors/regressor.ts'
import { elasticNet, lasso } from '../learners/linear/elastic-net.ts'
import { linearRegression } from '../learners/linear/linear-regression.ts'
import { ridge } from '../learners/linear/ridge.ts'
import { logisticRegression } from '../learners/logistic/logistic-regression.ts'
import type { Prediction } from '../model.ts'
import { pipeline } from '../pipeline/spec.ts'
import { classTarget, numberTarget } from '../target.ts'
import { impute } from '../transformers/impute.ts'
import { standardScale } from '../transformers/standard-scale.ts'

/** What holds of a learner beyond the contract. */
export interface LearnerTraits {
  /** The order of rows changes nothing: nothing is drawn or folded by row. */
  readonly ignoresRowOrder: boolean
  /** The order of columns changes nothing: nothing is drawn by column. */
  readonly ignoresColumnOrder: boolean
  /** A weight of 2 is the row twice, in what is predicted for the rows of the fit. */
  readonly takesWeights: boolean
  /** Only the order of a column's values counts. */
  readonly ignoresScale: boolean
  /** It has more than one step, between which it can be stopped. */
  readonly hasSteps: boolean
}

export interface LearnerCase {
  readonly spec: LearnerSpec
  readonly data: FitData
  readonly traits: LearnerTraits
}

const rows = Array.from({ length: 60 }, (_, row) => row)
const frame = createFrame({
  size: numericColumn(rows.map((row) => ((row * 37) % 61) / 7)),
  age: numericColumn(rows.map((row) => (row * 11) % 17)),
  old: booleanColumn(rows.map((row) => (row * 11) % 17 > 8)),
})
const pairs = createFrame({
  user: categoricalColumn(rows.map((row) => `u${row % 9}`)),
  item: categoricalColumn(rows.map((row) => `i${(row * row) % 7}`)),
})
const target = numberTarget(rows.map((row) => ((row * 37) % 61) - ((row * row) % 13)))
const classes = classTarget(
  rows.map((row) => ['no', 'yes', 'maybe'][((row * 37) % 61 < 30 ? 1 : 0) + (row % 5 ? 0 : 1)]),
)

const regression: FitData = { frame, target }
const classification: FitData = { frame, target: classes }
const interactions: FitData = { frame: pairs, target: numberTarget(rows.map((row) => row % 4)) }

const plain: LearnerTraits = {
  ignoresRowOrder: true,
  ignoresColumnOrder: true,
  takesWeights: true,
  ignoresScale: false,
  hasSteps: true,
}
const trees: LearnerTraits = { ...plain, ignoresScale: true }
/** Of cuts that are as good, and leaves to split next, the first column's is taken. */
const tied: LearnerTraits = { ...trees, ignoresColumnOrder: false }
/** Cuts are drawn, column by column, between the least and the greatest value. */
const drawnCuts: LearnerTraits = { ...plain, ignoresColumnOrder: false }
const oneStep: LearnerTraits = { ...plain, hasSteps: false }

const all: readonly (readonly [LearnerSpec, FitData, LearnerTraits])[] = [
  [dummyRegressor({ strategy: 'median' }), regression, { ...oneStep, ignoresScale: true }],
  [dummyClassifier(), classification, { ...oneStep, ignoresScale: true }],
  [linearRegression(), regression, plain],
  [ridge({ alpha: 2 }), regression, plain],
  [lasso({ alpha: 0.01, tol: 1e-12 }), regression, plain],
  [elasticNet({ alpha: 0.01, tol: 1e-12 }), regression, plain],
  [logisticRegression({ tol: 1e-9 }), classification, plain],
  [logisticRegression({ l1Ratio: 1, tol: 1e-9 }), classification, plain],
  [kMeans({ nClusters: 3 }), { frame }, plain],
  [kNeighborsClassifier(), classification, oneStep],
  [kNeighborsRegressor({ weights: 'distance' }), regression, oneStep],
  // Rows are folded as they come.
  [
    calibrated({ learner: logisticRegression({ tol: 1e-9 }), folds: 3 }),
    classification,
    { ...plain, ignoresRowOrder: false, takesWeights: false },
  ],
  [
    calibrated({ learner: kNeighborsClassifier(), method: 'isotonic', folds: 3 }),
    classification,
    { ...plain, ignoresRowOrder: false, takesWeights: false },
  ],
  [alternatingLeastSquares({ factors: 3, iterations: 3 }), interactions, { ...plain, takesWeights: false }],
  [gradientBoostingRegressor({ nEstimators: 5, minSamplesLeaf: 1 }), regression, tied],
  [gradientBoostingClassifier({ nEstimators: 3, minSamplesLeaf: 1 }), classification, trees],
  [randomForestRegressor({ nEstimators: 3, bootstrap: false }), regression, trees],
  [randomForestClassifier({ nEstimators: 3, bootstrap: false, maxFeatures: null }), classification, trees],
  // Rows are drawn by their numbers.
  [
    randomForestRegressor({ nEstimators: 3 }),
    regression,
    { ...tied, ignoresRowOrder: false, takesWeights: false },
  ],
  [extraTreesRegressor({ nEstimators: 3 }), regression, drawnCuts],
  [extraTreesClassifier({ nEstimators: 3 }), classification, drawnCuts],
  [isolationForest({ nEstimators: 5 }), { frame }, { ...drawnCuts, ignoresRowOrder: false }],
  [
    pipeline({ columns: [[{ kind: 'numeric' }, [impute(), standardScale()]]], learner: ridge() }),
    regression,
    plain,
  ],
]

/** Every learner that can be fitted, with small data that it takes. */
export const learnerCases: readonly LearnerCase[] = all.map(([spec, data, traits]) => ({
  spec,
  data,
  traits,
}))

/** The numbers of a prediction of any task. */
export const numbersOf = (prediction: Prediction): ArrayLike<number> => {
  if (prediction.task === 'classification') return prediction.probabilities
  if (prediction.task === 'regression') return prediction.values
  return prediction.task === 'clustering' ? prediction.distances : prediction.scores
}

/** The case as the title of a test. */
export const titleOf = ({ spec }: LearnerCase): string => `${spec.kind} ${JSON.stringify(spec.options)}`
