import { describe, expect, it } from 'vitest'
import { anomalyPredictions, classPredictions, clusterPredictions, numberPredictions } from './prediction.ts'

describe('predictions', () => {
  it('of flags have one probability, of other classes one each', () => {
    expect(classPredictions([false, true], [0.25, 0.75])).toEqual([{ label: 1, probability: 0.75 }])
    expect(classPredictions([0, 1], [0.5, 0.5])).toEqual([{ label: 0, probability: 0.5 }])
    expect(classPredictions(['no', 'yes'], [0.5, 0.5, 0.1, 0.9])).toEqual([
      { label: 'no', probabilities: { no: 0.5, yes: 0.5 } },
      { label: 'yes', probabilities: { no: 0.1, yes: 0.9 } },
    ])
    expect(classPredictions([1, 2], [0, 1])).toEqual([{ label: 2, probabilities: { 1: 0, 2: 1 } }])
  })

  it('take a sum of floats just outside of [0, 1] for what it is', () => {
    expect(classPredictions([false, true], [-1e-7, 1 + 1e-7])).toEqual([{ label: 1, probability: 1 }])
  })

  it.each([Number.NaN, -0.1, 1.1])('refuse %s as a probability', (share) => {
    expect(() => classPredictions(['a', 'b'], [share, 0.5])).toThrow(
      `the model gave the probability ${share}`,
    )
  })

  it('of numbers are finite', () => {
    expect(numberPredictions([1.5])).toEqual([{ value: 1.5 }])
    expect(() => numberPredictions([Number.NaN])).toThrow('the model gave the number NaN')
  })

  it('of clusters and anomalies have a number that is finite', () => {
    expect(clusterPredictions([2n, 0n], [0.5, 1])).toEqual([
      { cluster: 2, distance: 0.5 },
      { cluster: 0, distance: 1 },
    ])
    expect(() => clusterPredictions([0], [Number.NaN])).toThrow('the model gave the distance NaN')
    expect(anomalyPredictions([1n, 0n], [0.75, 0.5])).toEqual([
      { outlier: true, score: 0.75 },
      { outlier: false, score: 0.5 },
    ])
    expect(() => anomalyPredictions([0], [Number.NaN])).toThrow('the model gave the score NaN')
  })
})
