import { type Classification, classTarget, numberTarget, type Regression } from '@millrace/learn'
import { describe, expect, it } from 'vitest'
import { evaluateMetrics, type MetricGate } from './metric-gate.ts'

const model = { digest: 'd', runId: 'r' }
const times = Float64Array.of(1, 2, 3, 4)
const numbers: Regression = { task: 'regression', values: Float64Array.of(1, 2, 3, 6) }
const actual = { set: 's', digest: 't', times, target: numberTarget([1, 2, 3, 4]) }
const judge = (metrics: MetricGate['metrics']) =>
  evaluateMetrics({ model, rows: actual, prediction: numbers, gate: { metrics } })

describe('evaluateMetrics', () => {
  it('passes on the limits themselves and fails beyond, naming what decided', () => {
    const both = judge({ meanAbsoluteError: { max: 0.5 }, rootMeanSquaredError: { min: 1, max: 1 } })
    expect(both).toMatchObject({
      task: 'regression',
      rows: 4,
      from: 1,
      through: 4,
      passed: true,
      reason:
        'passed: meanAbsoluteError 0.5 (at most 0.5); rootMeanSquaredError 1 (at least 1 and at most 1)',
    })
    expect(judge({ meanAbsoluteError: { max: 0.4999 }, r2: { min: 0 } })).toMatchObject({
      passed: false,
      reason: 'failed: meanAbsoluteError 0.5 (at most 0.4999)',
    })
  })

  it('measures what is usual, and what the gate names beside it', () => {
    expect(judge({ pinballLoss: { max: 10 } }).scores).toMatchObject({
      r2: expect.any(Number),
      pinballLoss: expect.any(Number),
    })
  })

  it('refuses metrics that there are not, that are for another task, and that the rows do not define', () => {
    const refused = (input: string) =>
      expect.objectContaining({ code: 'step.input_invalid', details: expect.objectContaining({ input }) })
    expect(() => judge({ rmse: { max: 1 } })).toThrow(refused('gate.metrics.rmse'))
    expect(() => judge({ accuracy: { min: 1 } })).toThrow(refused('gate.metrics.accuracy'))
    const oneClass: Classification = {
      task: 'classification',
      classes: ['a', 'b'],
      probabilities: Float64Array.of(0.5, 0.5),
    }
    const rows = { ...actual, times: Float64Array.of(1), target: classTarget(['a']) }
    const gate = { metrics: { rocAuc: { min: 0.5 } } }
    expect(() => evaluateMetrics({ model, rows, prediction: oneClass, gate })).toThrow(
      expect.objectContaining({ code: 'evaluation.data_unusable' }),
    )
  })
})
