import { describe, expect, it } from 'vitest'
import type { Prediction } from '../model.ts'
import { classTarget, numberTarget, type Target } from '../target.ts'
import { f1, precision, recall } from './class-scores.ts'
import { confusionMatrix } from './confusion.ts'
import { evaluate, type MetricChoice, metric } from './evaluate.ts'
import golden from './fixtures/golden.json' with { type: 'json' }
import { precisionRecallCurve } from './precision-recall.ts'
import { rocCurve } from './roc-auc.ts'

const expectClose = (actual: ArrayLike<number>, expected: readonly number[]): void => {
  expect(actual.length).toBe(expected.length)
  expected.forEach((value, index) => {
    expect(Math.abs(actual[index] - value)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(value)))
  })
}

/** 'f1 macro' → f1 with average 'macro'; 'rocAuc ovo macro' has one word more. */
const choose = (name: string): MetricChoice => {
  const [kind, ...words] = name.split(' ')
  const average = words.at(-1)
  const multiClass = words.length > 1 ? words[0] : undefined
  if (kind === 'fBeta') return metric(kind, { average, beta: 2 }, name)
  if (kind === 'pinballLoss') return metric(kind, { alpha: 0.9 })
  return metric(kind, average ? { average, ...(multiClass ? { multiClass } : {}) } : {}, name)
}

const expectScores = (
  prediction: Prediction,
  target: Target,
  { weights, scores }: { weights: number[] | null; scores: object },
): void => {
  const metrics = Object.keys(scores).map(choose)
  const found = evaluate(prediction, target, { weights: weights ?? undefined, metrics })
  for (const [name, value] of Object.entries<number>({ ...scores })) {
    expect([name, Math.abs(found[name] - value) <= 1e-12 * Math.max(1, Math.abs(value))]).toEqual([
      name,
      true,
    ])
  }
}

describe.each(golden.binary)('two classes as in scikit-learn', ({ labels, probabilities, ...expected }) => {
  const weights = expected.weights ?? undefined

  it('scores', () => {
    const both = Float64Array.from(probabilities.flatMap((share) => [1 - share, share]))
    expectScores(
      { task: 'classification', classes: [0, 1], probabilities: both },
      classTarget(labels),
      expected,
    )
  })

  it('ROC curve', () => {
    const { falsePositiveRate, truePositiveRate, thresholds } = rocCurve(labels, probabilities, { weights })
    expectClose(falsePositiveRate, expected.roc[0])
    expectClose(truePositiveRate, expected.roc[1])
    expectClose(thresholds.slice(1), expected.roc[2])
    const all = rocCurve(labels, probabilities, { weights, dropIntermediate: false })
    expectClose(all.falsePositiveRate.slice(1), expected.rocOfAll[0])
    expectClose(all.truePositiveRate.slice(1), expected.rocOfAll[1])
  })

  it('precision-recall curve', () => {
    const curve = precisionRecallCurve(labels, probabilities, { weights })
    expectClose(curve.precision, expected.precisionRecall[0])
    expectClose(curve.recall, expected.precisionRecall[1])
    expectClose(curve.thresholds, expected.precisionRecall[2])
  })
})

describe.each(golden.multiclass)('many classes as in scikit-learn', ({ codes, ...expected }) => {
  const probabilities = Float64Array.from(expected.probabilities)

  it('scores', () => {
    const prediction = { task: 'classification', classes: [0, 1, 2, 3], probabilities } as const
    expectScores(prediction, classTarget(codes), expected)
  })

  it('confusion matrix', () => {
    const predicted = codes.map((_, row) => {
      const own = probabilities.subarray(row * 4, row * 4 + 4)
      return own.indexOf(Math.max(...own))
    })
    expectClose(
      confusionMatrix(codes, predicted, { weights: expected.weights ?? undefined }).counts,
      expected.confusion,
    )
  })
})

describe('0 / 0 as in scikit-learn', () => {
  const matrix = confusionMatrix(golden.zeroDivision.codes, golden.zeroDivision.predicted, { classes: 5 })

  it.each(golden.zeroDivision.cases)('$average, $zeroDivision', (example) => {
    const options = {
      average: example.average as 'macro' | 'weighted',
      zeroDivision: example.zeroDivision as 0 | 1 | 'undefined',
    }
    expectClose(
      [precision(matrix, options), recall(matrix, options), f1(matrix, options)],
      [example.precision, example.recall, example.f1],
    )
  })
})

it.each(golden.regression)('numbers as in scikit-learn', ({ actual, predicted, ...expected }) => {
  expectScores({ task: 'regression', values: Float64Array.from(predicted) }, numberTarget(actual), expected)
})

describe('ranking: the mean over all orders of ties', () => {
  const { relevance, scores, queries, cases } = golden.ranking

  it.each(cases)('first $k', (example) => {
    const k = example.k ?? undefined
    const found = evaluate(
      { task: 'regression', values: Float64Array.from(scores) },
      numberTarget(relevance),
      {
        queries,
        metrics: Object.keys(example.scores).map((name) =>
          name === 'ndcg exponential'
            ? metric('ndcg', { k, gain: 'exponential' }, name)
            : metric(name, { k }),
        ),
      },
    )
    expectClose(Object.values(found), Object.values(example.scores))
  })
})
