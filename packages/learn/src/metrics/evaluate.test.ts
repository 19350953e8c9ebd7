import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { classTarget, numberTarget } from '../target.ts'
import { evaluate, metric } from './evaluate.ts'
import { metricKinds } from './metric-kinds.ts'
import { UndefinedMetricError } from './undefined-metric.ts'

const binary = (shares: readonly number[], classes: readonly [string, string] = ['no', 'yes']) =>
  ({
    task: 'classification',
    classes,
    probabilities: Float64Array.from(shares.flatMap((share) => [1 - share, share])),
  }) as const

const regression = (values: readonly number[]) =>
  ({ task: 'regression', values: Float64Array.from(values) }) as const

const row = fc.record({
  label: fc.constantFrom('no', 'yes'),
  share: fc.integer({ min: 0, max: 8 }).map((eighths) => eighths / 8),
  weight: fc.integer({ min: 0, max: 3 }),
})
const rowsOf = fc
  .array(row, { minLength: 1, maxLength: 20 })
  .map((rows) => [{ label: 'no', share: 0.25, weight: 1 }, { label: 'yes', share: 0.5, weight: 2 }, ...rows])

const scoresOf = (rows: readonly { label: string; share: number; weight?: number }[], task: string) => {
  const weights = rows[0].weight === undefined ? undefined : rows.map(({ weight }) => weight ?? 1)
  return task === 'binary'
    ? evaluate(binary(rows.map(({ share }) => share)), classTarget(rows.map(({ label }) => label)), {
        weights,
      })
    : evaluate(
        regression(rows.map(({ share }) => 1 + share)),
        numberTarget(rows.map(({ label, share }) => (label === 'yes' ? 3 : 1 + share * share))),
        {
          weights,
          metrics: [...metricKinds.values()]
            .filter(({ standardFor, kind }) => standardFor.includes('regression') || kind.includes('Poisson'))
            .map(({ kind }) => kind),
        },
      )
}

const expectSame = (a: Record<string, number>, b: Record<string, number>): void => {
  expect(Object.keys(a)).toEqual(Object.keys(b))
  for (const [name, value] of Object.entries(a))
    expect([name, b[name]]).toEqual([name, expect.closeTo(value, 10)])
}

describe.each(['binary', 'regression'])('every metric of %s', (task) => {
  it('takes a weight for repetition', () => {
    fc.assert(
      fc.property(rowsOf, (rows) => {
        const repeated = rows.flatMap(({ weight, ...rest }) => Array.from({ length: weight }, () => rest))
        expectSame(scoresOf(rows, task), scoresOf(repeated, task))
      }),
      { numRuns: 50 },
    )
  })

  it('does not mind the order of the rows', () => {
    fc.assert(
      fc.property(rowsOf, (rows) => {
        expectSame(scoresOf(rows, task), scoresOf([...rows].reverse(), task))
      }),
      { numRuns: 50 },
    )
  })
})

describe('evaluate', () => {
  it('knows what is usual for a task', () => {
    expect(Object.keys(evaluate(binary([0.2, 0.7]), classTarget(['no', 'yes'])))).toEqual([
      'accuracy',
      'balancedAccuracy',
      'matthewsCorrelation',
      'precision',
      'recall',
      'f1',
      'rocAuc',
      'averagePrecision',
      'logLoss',
      'brierScore',
      'expectedCalibrationError',
    ])
    expect(Object.keys(evaluate(regression([1, 2]), numberTarget([1, 3]), { queries: ['a', 'a'] }))).toEqual([
      'rootMeanSquaredError',
      'meanAbsoluteError',
      'medianAbsoluteError',
      'meanAbsolutePercentageError',
      'r2',
      'ndcg',
      'meanAveragePrecision',
      'meanReciprocalRank',
    ])
  })

  it('takes the other class as the positive one, and another threshold', () => {
    const prediction = binary([0.2, 0.4, 0.7])
    const target = classTarget(['no', 'yes', 'yes'])
    expect(evaluate(prediction, target, { metrics: ['recall'] })).toEqual({ recall: 0.5 })
    expect(evaluate(prediction, target, { metrics: ['recall'], threshold: 0.3 })).toEqual({ recall: 1 })
    expect(evaluate(prediction, target, { metrics: ['precision'], positive: 'no' })).toEqual({
      precision: 0.5,
    })
  })

  it('gives a class that the model does not know probability 0', () => {
    const target = classTarget(['no', 'yes', 'maybe', 'no'])
    const { accuracy, logLoss } = evaluate(binary([0.2, 0.7, 0.9, 0]), target)
    expect(accuracy).toBe(0.75)
    expect(logLoss).toBeCloseTo((-Math.log(0.8) - Math.log(0.7) - Math.log(Number.EPSILON)) / 4, 9)
  })

  it('numbers classes as the prediction does', () => {
    const target = classTarget(['yes', 'yes'])
    expect(evaluate(binary([0.9, 0.2]), target, { metrics: ['accuracy'] })).toEqual({ accuracy: 0.5 })
  })

  it('leaves out what is undefined, unless it was asked for', () => {
    const [prediction, target] = [binary([0.9, 0.2]), classTarget(['yes', 'yes'])]
    expect(evaluate(prediction, target)).not.toHaveProperty('rocAuc')
    expect(() => evaluate(prediction, target, { metrics: ['rocAuc'] })).toThrow(UndefinedMetricError)
    expect(() => evaluate(regression([1]), numberTarget([2]), { metrics: ['r2'] })).toThrow('two rows')
  })

  it('scores a constant target without NaN', () => {
    const target = numberTarget([0.1, 0.1, 0.1])
    expect(evaluate(regression([0.1, 0.1, 0.1]), target, { metrics: ['r2'] })).toEqual({ r2: 1 })
    expect(evaluate(regression([0.1, 0.2, 0.1]), target, { metrics: ['r2'] })).toEqual({ r2: 0 })
    const [apart, weights] = [numberTarget([5, 0.1, 0.1, 0.1]), [0, 1, 1, 1]]
    const metrics = ['r2', 'explainedVariance'] as const
    expect(evaluate(regression([0, 0.2, 0.2, 0.3]), apart, { metrics, weights })).toEqual({
      r2: 0,
      explainedVariance: 0,
    })
  })

  it('names results and refuses two of one name', () => {
    const metrics = [metric('ndcg', { k: 1 }, 'ndcg@1'), metric('ndcg')]
    expect(Object.keys(evaluate(regression([1, 2]), numberTarget([1, 0]), { metrics }))).toEqual([
      'ndcg@1',
      'ndcg',
    ])
    expect(() => evaluate(regression([1]), numberTarget([1]), { metrics: ['ndcg', 'ndcg'] })).toThrow(
      "two metrics are called 'ndcg'",
    )
  })

  it('refuses what does not fit together', () => {
    const [numbers, classes] = [numberTarget([1, 2]), classTarget(['no', 'yes'])]
    const both = binary([0.1, 0.9])
    expect(() => evaluate(both, numbers)).toThrow('a prediction of classification cannot be measured against')
    expect(() => evaluate(binary([0.1]), classes)).toThrow('there are 1 predictions for 2 rows')
    expect(() => evaluate(both, classTarget([0, 1]))).toThrow('the target has the class 0 (number)')
    expect(() => evaluate(both, classes, { positive: 'maybe' })).toThrow("the positive class 'maybe'")
    expect(() => evaluate(both, classes, { weights: [1] })).toThrow('there are 1 weights for 2 rows')
    expect(() => evaluate(both, classes, { weights: [0, 0] })).toThrow('all weights are 0')
    expect(() => evaluate(both, classes, { queries: [1] })).toThrow('there are 1 queries for 2 rows')
    expect(() => evaluate(both, classes, { threshold: 2 })).toThrow('threshold must be')
    expect(() => evaluate(regression([]), numberTarget([]))).toThrow('at least one row')
    expect(() => evaluate(regression([1, Number.NaN]), numbers)).toThrow('row 1 has NaN')
    expect(() => evaluate(both, classes, { metrics: ['r2'] })).toThrow('r2 is of regressions')
    expect(() => evaluate(both, classes, { metrics: ['auc'] })).toThrow(
      "there is no metric 'auc'; there are accuracy",
    )
    expect(() => metric('f1', { avrage: 'macro' })).toThrow("f1 has no option 'avrage'")
    expect(() => evaluate(regression([1, 2]), numberTarget([-1, 2]), { metrics: ['ndcg'] })).toThrow(
      'relevance must be finite and >= 0; row 0 has -1',
    )
  })
})
