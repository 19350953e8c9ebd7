import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fit, predict } from '../fit.ts'
import { createFrame, numericColumn } from '../frame.ts'
import {
  extraTreesClassifier,
  extraTreesRegressor,
  gradientBoostingClassifier,
  gradientBoostingRegressor,
  isolationForest,
  randomForestClassifier,
  randomForestRegressor,
} from '../index.ts'
import type { LearnerSpec } from '../learner.ts'
import { rocAuc } from '../metrics/roc-auc.ts'
import { classTarget, numberTarget } from '../target.ts'
import { predictNumbers } from './testing.ts'

type Columns = readonly (readonly (number | null)[])[]
interface Spread {
  readonly mean: number
  readonly deviation: number
}
const golden = JSON.parse(
  readFileSync(join(import.meta.dirname, 'fixtures/scikit-learn-trees.json'), 'utf8'),
) as {
  closed: {
    columns: Columns
    y: number[]
    binary: number[]
    three: number[]
    weights: number[]
    predictions: Record<string, number[]> & { softmax: number[][] }
  }
  statistical: {
    columns: Columns
    y: number[]
    auc: Record<string, Spread>
    r2: Record<string, Spread>
    strange: Columns
    isolation: Spread
  }
}

const frameOf = (columns: Columns, begin = 0, end?: number) =>
  createFrame(
    Object.fromEntries(
      columns.map((values, index) => [`x${index}`, numericColumn(values.slice(begin, end))]),
    ),
  )

describe("scikit-learn's histogram gradient boosting predicts the same", () => {
  const { columns, y, binary, three, weights, predictions } = golden.closed
  const frame = frameOf(columns)
  const common = { nEstimators: 20, maxLeafNodes: 8, minSamplesLeaf: 5 }
  /** Its gradients are float32, ours are rounded to whole numbers: cuts may differ where two are as good. */
  const expectSame = (ours: ArrayLike<number>, theirs: readonly number[]) => {
    const differences = Array.from(ours, (value, at) => Math.abs(value - theirs[at])).sort((a, b) => a - b)
    expect(differences).toHaveLength(theirs.length)
    expect(differences.at(-1)).toBeLessThan(1e-4)
  }

  it.each(['squared_error', 'poisson'] as const)('for loss %s', (loss) => {
    const target = numberTarget(y.map((value) => Math.max(value, 0)))
    expectSame(
      predictNumbers(fit(gradientBoostingRegressor({ ...common, loss }), { frame, target }), frame),
      predictions[loss],
    )
  })

  it('with weights and a penalty', () => {
    const spec = gradientBoostingRegressor({ ...common, l2Regularization: 1 })
    const model = fit(spec, { frame, target: numberTarget(y), weights: Float64Array.from(weights) })
    expectSame(predictNumbers(model, frame), predictions.weighted)
  })

  it('for two classes and for three', () => {
    const two = fit(gradientBoostingClassifier(common), { frame, target: classTarget(binary) })
    expectSame(
      predictNumbers(two, frame).filter((_, at) => at % 2 === 1),
      predictions.log_loss,
    )
    const many = fit(gradientBoostingClassifier(common), { frame, target: classTarget(three) })
    expectSame(predictNumbers(many, frame), predictions.softmax.flat())
  })
})

describe('the scores are those of scikit-learn over 20 seeds, within noise', () => {
  const { columns, y, auc, r2, strange, isolation } = golden.statistical
  /** Only one where nothing is drawn. */
  const seedsFor = ({ deviation }: Spread): number[] =>
    Array.from({ length: deviation < 1e-9 ? 1 : 20 }, (_, seed) => seed)
  const training = frameOf(columns, 0, 600)
  const test = frameOf(columns, 600)
  const median = [...y].sort((a, b) => a - b)[y.length / 2 - 1]
  const labels = y.map((value) => (value > median ? 1 : 0))

  /** Four standard errors of the difference of means, and what other bins of the columns' 1000 values cost or gain. */
  const expectAlike = (scores: readonly number[], { mean, deviation }: Spread) => {
    const ours = scores.reduce((sum, score) => sum + score, 0) / scores.length
    expect(Math.abs(ours - mean)).toBeLessThan(4 * deviation * Math.sqrt(1 / 20 + 1 / scores.length) + 0.006)
  }

  it.each(Object.entries({ randomForestClassifier, extraTreesClassifier, gradientBoostingClassifier }))(
    'for %s',
    (kind, make: (options: { seed: number }) => LearnerSpec) => {
      const scores = seedsFor(auc[kind]).map((seed) => {
        const model = fit(make({ seed }), { frame: training, target: classTarget(labels.slice(0, 600)) })
        const probabilities = predictNumbers(model, test).filter((_, at) => at % 2 === 1)
        return rocAuc(labels.slice(600), probabilities)
      })
      expectAlike(scores, auc[kind])
    },
  )

  it.each(Object.entries({ randomForestRegressor, extraTreesRegressor, gradientBoostingRegressor }))(
    'for %s',
    (kind, make: (options: { seed: number }) => LearnerSpec) => {
      const actual = y.slice(600)
      const mean = actual.reduce((sum, value) => sum + value, 0) / actual.length
      const spread = actual.reduce((sum, value) => sum + (value - mean) ** 2, 0)
      const scores = seedsFor(r2[kind]).map((seed) => {
        const model = fit(make({ seed }), { frame: training, target: numberTarget(y.slice(0, 600)) })
        const errors = predictNumbers(model, test).map((value, row) => (value - actual[row]) ** 2)
        return 1 - errors.reduce((sum, error) => sum + error, 0) / spread
      })
      expectAlike(scores, r2[kind])
    },
  )

  it('for isolationForest', () => {
    const frame = frameOf(strange)
    const isStrange = Array.from({ length: 600 }, (_, row) => (row < 570 ? 0 : 1))
    const scores = seedsFor(isolation).map((seed) => {
      const prediction = predict(fit(isolationForest({ seed }), { frame }), frame)
      if (prediction.task !== 'anomaly') throw new Error(prediction.task)
      return rocAuc(isStrange, prediction.scores)
    })
    expectAlike(scores, isolation)
  })
})
