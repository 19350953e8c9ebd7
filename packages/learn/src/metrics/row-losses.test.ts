import { describe, expect, it } from 'vitest'
import { classTarget, numberTarget } from '../target.ts'
import { evaluate } from './evaluate.ts'
import { metricDirection, rowLosses } from './row-losses.ts'

const two = {
  task: 'classification',
  classes: ['no', 'yes'],
  probabilities: Float64Array.of(0.25, 0.75, 0.5, 0.5),
} as const
const three = {
  task: 'classification',
  classes: [1, 2, 3],
  probabilities: Float64Array.of(0.5, 0.25, 0.25, 0, 0, 1),
} as const
const numbers = { task: 'regression', values: Float64Array.of(1, 4) } as const

describe('rowLosses', () => {
  it.each([
    ['logLoss', two, classTarget(['yes', 'no']), [-Math.log(0.75), Math.LN2]],
    ['brierScore', two, classTarget(['yes', 'no']), [0.0625, 0.25]],
    ['logLoss', three, classTarget([1, 3]), [Math.LN2, 0]],
    ['brierScore', three, classTarget([1, 3]), [0.25 + 0.0625 + 0.0625, 0]],
    ['meanSquaredError', numbers, numberTarget([3, 3]), [4, 1]],
    ['meanAbsoluteError', numbers, numberTarget([3, 3]), [2, 1]],
  ] as const)('adds up to %s (%#)', (metric, prediction, target, expected) => {
    const losses = rowLosses(metric, prediction, target)
    for (const [row, loss] of expected.entries()) expect(losses[row]).toBeCloseTo(loss, 12)
    const score = evaluate(prediction, target, { metrics: [metric] })[metric]
    expect((losses[0] + losses[1]) / 2).toBeCloseTo(score, 12)
  })

  it('refuses a metric of another task', () => {
    expect(() => rowLosses('logLoss', numbers, numberTarget([3, 3]))).toThrow('logLoss is of classifications')
    expect(() => rowLosses('meanSquaredError', two, classTarget(['yes', 'no']))).toThrow('is of regressions')
  })
})

describe('metricDirection', () => {
  it('says which way is better', () => {
    expect([metricDirection('rocAuc'), metricDirection('logLoss')]).toEqual(['maximize', 'minimize'])
    expect(() => metricDirection('rmse')).toThrow("no metric 'rmse'; there are accuracy,")
  })
})
