import fc from 'fast-check'
import { describe, it } from 'vitest'
import { fit } from '../fit.ts'
import { selectColumns } from '../frame.ts'
import type { LearnerSpec } from '../learner.ts'
import { calibrated } from '../learners/calibrated/calibrated.ts'
import { dummyClassifier } from '../learners/dummy/classifier.ts'
import { extraTreesClassifier, randomForestClassifier } from '../learners/forest/classifier.ts'
import { extraTreesRegressor, randomForestRegressor } from '../learners/forest/regressor.ts'
import { gradientBoostingClassifier } from '../learners/gradient-boosting/classifier.ts'
import { gradientBoostingRegressor } from '../learners/gradient-boosting/regressor.ts'
import { isolationForest } from '../learners/isolation-forest/isolation-forest.ts'
import { kMeans } from '../learners/k-means/k-means.ts'
import { kNeighborsClassifier } from '../learners/k-neighbors/classifier.ts'
import { kNeighborsRegressor } from '../learners/k-neighbors/regressor.ts'
import { elasticNet } from '../learners/linear/elastic-net.ts'
import { linearRegression } from '../learners/linear/linear-regression.ts'
import { ridge } from '../learners/linear/ridge.ts'
import { logisticRegression } from '../learners/logistic/logistic-regression.ts'
import { modelFromBytes, modelToBytes } from '../saving/model-bytes.ts'
import { classTarget, numberTarget, type Target } from '../target.ts'
import { expectOnnxParity } from '../testing/onnx-parity.ts'
import { freshRows, toFrame, trainingRows } from '../testing/random-frames.ts'
import type { TransformerSpec } from '../transformer.ts'
import { binning } from '../transformers/binning.ts'
import { clip } from '../transformers/clip.ts'
import { dateParts } from '../transformers/date-parts.ts'
import { hash } from '../transformers/hash.ts'
import { impute } from '../transformers/impute.ts'
import { interactions } from '../transformers/interactions.ts'
import { log1p } from '../transformers/log1p.ts'
import { minMaxScale } from '../transformers/min-max-scale.ts'
import { oneHot } from '../transformers/one-hot.ts'
import { ordinal } from '../transformers/ordinal.ts'
import { outliers } from '../transformers/outliers.ts'
import { quantileTransform } from '../transformers/quantile-transform.ts'
import { robustScale } from '../transformers/robust-scale.ts'
import { standardScale } from '../transformers/standard-scale.ts'
import { targetEncode } from '../transformers/target-encode.ts'
import { type PipelineColumns, pipeline } from './spec.ts'

type Steps = readonly TransformerSpec[]

// Chains that leave nothing missing: most learners refuse it.
const filled: fc.Arbitrary<Steps> = fc.constantFrom<Steps>(
  [impute()],
  [impute({ strategy: 'median', addIndicator: true })],
  [outliers({ action: 'missing' }), impute({ strategy: 'mostFrequent' })],
  [clip({ min: 0 }), log1p(), impute({ strategy: 'constant', fillValue: -1 })],
)
const scaled: fc.Arbitrary<Steps> = fc.constantFrom<Steps>(
  [standardScale()],
  [minMaxScale({ featureRange: [-1, 1] })],
  [outliers(), robustScale()],
  [quantileTransform()],
  [quantileTransform({ nQuantiles: 5, outputDistribution: 'normal' })],
  [standardScale(), interactions({ squares: true })],
  [binning({ nBins: 3 })],
  [binning({ strategy: 'kmeans', encode: 'ordinal' }), minMaxScale()],
)
const numericSteps = fc.tuple(filled, scaled).map(([first, second]) => [...first, ...second])
const categoricalSteps = fc.constantFrom<Steps>(
  [oneHot({ handleUnknown: 'ignore' })],
  [impute({ strategy: 'mostFrequent' }), oneHot({ handleUnknown: 'infrequentIfExist', minFrequency: 2 })],
  [ordinal({ handleUnknown: 'useEncodedValue', unknownValue: -1, encodedMissingValue: -2 })],
  [targetEncode({ cv: 2 })],
  [impute({ strategy: 'constant', fillValue: 'none' }), targetEncode({ smooth: 2, cv: 3 }), standardScale()],
  [hash({ nFeatures: 4 })],
)
const timeSteps = fc.constantFrom<Steps>(
  [
    impute({ strategy: 'median' }),
    dateParts({ cyclic: ['hour', 'dayOfYear'], utcOffsetMinutes: 60 }),
    standardScale(),
  ],
  [dateParts({ parts: ['isWeekend', 'month'] }), impute({ strategy: 'mostFrequent' })],
)

const columns: fc.Arbitrary<PipelineColumns[]> = fc
  .tuple(
    fc.oneof(
      numericSteps.map((steps): PipelineColumns[] => [[{ kind: 'numeric' }, steps]]),
      fc.tuple(numericSteps, numericSteps).map(([one, others]): PipelineColumns[] => [
        [['z', 'x'], one],
        [{ kind: 'numeric' }, others],
      ]),
    ),
    fc.oneof(
      categoricalSteps.map((steps): PipelineColumns[] => [[{ kind: ['categorical'] }, steps]]),
      categoricalSteps.map((steps): PipelineColumns[] => [['city', steps]]),
    ),
    timeSteps.map((steps): PipelineColumns[] => [[{ kind: 'timestamp' }, steps]]),
    fc.constantFrom<PipelineColumns[]>(
      [],
      [['flag', [impute({ strategy: 'mostFrequent' })]]],
      [['flag', 'drop']],
    ),
  )
  .map((groups) => groups.flat())

const numbers = (rows: number): Target =>
  numberTarget(Array.from({ length: rows }, (_, row) => (row * row) % 7))
const classes = (rows: number): Target => classTarget(Array.from({ length: rows }, (_, row) => `c${row % 3}`))
const truths = (rows: number): Target => classTarget(Array.from({ length: rows }, (_, row) => row % 3 > 0))

const learners = fc.constantFrom<readonly [LearnerSpec, (rows: number) => Target]>(
  [ridge(), numbers],
  [linearRegression(), numbers],
  [kNeighborsRegressor({ nNeighbors: 3 }), numbers],
  [kNeighborsClassifier({ nNeighbors: 4, weights: 'distance' }), classes],
  [elasticNet({ alpha: 0.1 }), numbers],
  [logisticRegression(), truths],
  [logisticRegression({ maxIter: 20 }), classes],
  [dummyClassifier(), truths],
  [kMeans({ nClusters: 2 }), numbers],
  [calibrated({ learner: pipeline({ learner: logisticRegression() }), folds: 2 }), truths],
  [gradientBoostingClassifier({ nEstimators: 5, minSamplesLeaf: 2 }), truths],
  [gradientBoostingClassifier({ nEstimators: 3, minSamplesLeaf: 2, maxDepth: 3 }), classes],
  [gradientBoostingRegressor({ nEstimators: 5, minSamplesLeaf: 2, learningRate: 0.5 }), numbers],
  [gradientBoostingRegressor({ nEstimators: 4, minSamplesLeaf: 1, loss: 'poisson' }), numbers],
  [randomForestClassifier({ nEstimators: 5 }), classes],
  [randomForestRegressor({ nEstimators: 5 }), numbers],
  [extraTreesClassifier({ nEstimators: 5 }), truths],
  [extraTreesRegressor({ nEstimators: 5 }), numbers],
  [isolationForest({ nEstimators: 7, contamination: 0.2 }), numbers],
  [calibrated({ learner: randomForestClassifier({ nEstimators: 3 }), folds: 2, method: 'isotonic' }), truths],
)

const expectSame = (actual: Uint8Array, expected: Uint8Array): void => {
  if (Buffer.compare(actual, expected) !== 0)
    throw new Error('saved, loaded and saved again, the model is another')
}

describe('pipeline', () => {
  it('predicts the same here, in ONNX Runtime, and after saving and loading', async () => {
    await fc.assert(
      fc.asyncProperty(
        trainingRows(9, 40),
        freshRows(20),
        columns,
        learners,
        fc.boolean(),
        async (training, fresh, steps, [learner, makeTarget], nested) => {
          const frame = toFrame(training)
          const inner = pipeline({ columns: steps, rest: 'drop', learner })
          const spec = nested
            ? pipeline({ columns: [['x', [clip({ max: 1e4 })]]], rest: 'passthrough', learner: inner })
            : inner
          const model = fit(spec, { frame, target: makeTarget(frame.rows) })
          const bytes = modelToBytes(model)
          const loaded = modelFromBytes(bytes)
          expectSame(modelToBytes(loaded), bytes)
          await expectOnnxParity(loaded, frame)
          await expectOnnxParity(model, selectColumns(toFrame(fresh), Object.keys(frame.columns).reverse()))
        },
      ),
      { numRuns: 120 },
    )
  })
})
