import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { calibrationCurve, calibrationInTheLarge, expectedCalibrationError } from './calibration.ts'
import { accuracy } from './class-scores.ts'
import { confusionAt, confusionMatrix } from './confusion.ts'
import golden from './fixtures/scikit-learn.json' with { type: 'json' }
import { brierScore, logLoss } from './probability-scores.ts'
import { rocAuc } from './roc-auc.ts'
import { UndefinedMetricError } from './undefined-metric.ts'

const expectClose = (actual: readonly number[], expected: readonly number[]): void => {
  expect(actual.length).toBe(expected.length)
  actual.forEach((value, index) => {
    expect(Math.abs(value - expected[index])).toBeLessThan(1e-12)
  })
}

describe.each(golden.cases)('as scikit-learn: $name', (example) => {
  const { labels, probabilities } = example

  it('scores', () => {
    expectClose([rocAuc(labels, probabilities)], [example.rocAuc])
    expectClose([logLoss(labels, probabilities)], [example.logLoss])
    expectClose([brierScore(labels, probabilities)], [example.brier])
    const predicted = probabilities.map((probability) => (probability > 0.5 ? 1 : 0))
    expectClose([accuracy(confusionMatrix(labels, predicted))], [example.accuracy])
  })

  it('confusion', () => {
    const { truePositives, falsePositives, trueNegatives, falseNegatives } = confusionAt(
      labels,
      probabilities,
      { threshold: 0.3 },
    )
    expect([truePositives, falsePositives, trueNegatives, falseNegatives]).toEqual(example['confusionAt0.3'])
  })

  it.each(['uniform', 'quantile'] as const)('calibration curve with %s bins', (strategy) => {
    const curve = calibrationCurve(labels, probabilities, { bins: 5, strategy })
    expectClose(
      curve.map((bin) => bin.meanPredicted),
      example[strategy].predicted,
    )
    expectClose(
      curve.map((bin) => bin.observedRate),
      example[strategy].observed,
    )
  })
})

const scored = fc
  .array(fc.tuple(fc.constantFrom(0, 1), fc.integer({ min: 0, max: 10 })), { minLength: 2, maxLength: 40 })
  .map((rows) => ({
    labels: rows.map(([label], index) => (index < 2 ? index : label)),
    scores: rows.map(([, score]) => score / 10),
  }))

describe('rocAuc', () => {
  it('is the share of rightly ordered pairs, ties counting half', () => {
    fc.assert(
      fc.property(scored, ({ labels, scores }) => {
        let pairs = 0
        let right = 0
        labels.forEach((a, i) => {
          labels.forEach((b, j) => {
            if (a !== 1 || b !== 0) return
            pairs += 1
            right += scores[i] > scores[j] ? 1 : scores[i] === scores[j] ? 0.5 : 0
          })
        })
        expectClose([rocAuc(labels, scores)], [right / pairs])
      }),
    )
  })

  it('takes any score and treats 0 and -0 as a tie', () => {
    expect(rocAuc([0, 1], [-Infinity, Infinity])).toBe(1)
    expect(rocAuc([0, 1], [-0, 0])).toBe(0.5)
  })

  it('is undefined for one class', () => {
    expect(() => rocAuc([1, 1], [0.1, 0.2])).toThrow(
      new UndefinedMetricError('ROC needs both classes; all 2 labels are 1'),
    )
  })
})

describe('calibration', () => {
  it('weights the bins by their rows', () => {
    const labels = [0, 0, 1, 1]
    const probabilities = [0.2, 0.2, 0.2, 0.9]
    expectClose([expectedCalibrationError(labels, probabilities)], [0.75 * (1 / 3 - 0.2) + 0.25 * 0.1])
    const { meanPredicted, observedRate, bias } = calibrationInTheLarge(labels, probabilities)
    expectClose([meanPredicted, observedRate, bias], [0.375, 0.5, -0.125])
  })

  it('has an error between 0 and 1, however it is binned', () => {
    fc.assert(
      fc.property(scored, fc.integer({ min: 1, max: 20 }), ({ labels, scores }, bins) => {
        for (const strategy of ['uniform', 'quantile'] as const) {
          const error = expectedCalibrationError(labels, scores, { bins, strategy })
          expect(error >= 0 && error <= 1).toBe(true)
        }
      }),
    )
  })
})

describe('every metric', () => {
  const metrics = [logLoss, brierScore, confusionAt, expectedCalibrationError, calibrationInTheLarge]

  it.each(metrics.map((metric) => [metric.name, metric] as const))(
    '%s refuses bad input by name',
    (_, metric) => {
      expect(() => metric([], [])).toThrow('at least one row')
      expect(() => metric([0, 1], [0.5])).toThrow('the target has 2 values for 1 rows')
      expect(() => metric([0, 2], [0.5, 0.5])).toThrow('row 1 holds 2')
      expect(() => metric([0, 1], [0.5, Number.NaN])).toThrow('row 1 is scored NaN')
      expect(() => metric([0, 1], [1.5, 0.5])).toThrow('row 0 is scored 1.5')
    },
  )

  it('rocAuc refuses NaN', () => {
    expect(() => rocAuc([0, 1], [Number.NaN, 1])).toThrow('row 0 is scored NaN')
  })
})
