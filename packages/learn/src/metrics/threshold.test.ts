import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { confusionAt } from './confusion.ts'
import { chooseThreshold } from './threshold.ts'

const labels = [0, 0, 1, 0, 1, 1]
const probabilities = [0.1, 0.2, 0.4, 0.6, 0.8, 0.9]

const rows = fc.array(
  fc.tuple(
    fc.constantFrom(0, 1),
    fc.integer({ min: 0, max: 10 }).map((n) => n / 10),
  ),
  {
    minLength: 1,
    maxLength: 15,
  },
)

describe('chooseThreshold', () => {
  it('lies between two probabilities', () => {
    const { threshold, value } = chooseThreshold(labels, probabilities, {
      costs: { falsePositive: 1, falseNegative: 5 },
    })
    expect(threshold).toBeCloseTo(0.3, 12)
    expect(value).toBeCloseTo(1 / 6, 12)
  })

  it.each([
    [{ minPrecision: 1 }, 0.7, 2 / 3],
    [{ minRecall: 1 }, 0.3, 0.75],
    [{ metric: 'f1' }, 0.3, 6 / 7],
    [{ metric: 'accuracy' }, 0.7, 5 / 6],
  ] as const)('by %j', (options, threshold, value) => {
    const found = chooseThreshold(labels, probabilities, options)
    expect([found.threshold, found.value]).toEqual([expect.closeTo(threshold, 12), expect.closeTo(value, 12)])
  })

  it('costs what it says, and no probability as threshold costs less', () => {
    const costs = { falsePositive: 2, falseNegative: 3, truePositive: -1 }
    fc.assert(
      fc.property(rows, (given) => {
        const truth = given.map(([label]) => label)
        const shares = given.map(([, share]) => share)
        const costAt = (threshold: number): number => {
          const c = confusionAt(truth, shares, { threshold })
          return (c.falsePositives * 2 + c.falseNegatives * 3 - c.truePositives) / truth.length
        }
        const { threshold, value, confusion } = chooseThreshold(truth, shares, { costs })
        expect(confusionAt(truth, shares, { threshold })).toEqual(confusion)
        expect(value).toBeCloseTo(costAt(threshold), 12)
        for (const other of [-1, ...shares, 1]) expect(costAt(other)).toBeGreaterThanOrEqual(value - 1e-12)
      }),
    )
  })

  it('can predict none or all', () => {
    const cheapMiss = { costs: { falsePositive: 9, falseNegative: 1 } }
    const dearMiss = { costs: { falsePositive: 1, falseNegative: 9 } }
    expect(chooseThreshold([0, 1], [1, 1], cheapMiss).threshold).toBe(1)
    expect(chooseThreshold([1, 1], [0, 0.5], dearMiss).threshold).toBe(-1)
  })

  it('takes a weight for repetition', () => {
    const costs = { falsePositive: 1, falseNegative: 1.5 }
    const weighted = chooseThreshold(labels, probabilities, { costs, weights: [1, 1, 1, 2, 1, 1] })
    const repeated = chooseThreshold([...labels, 0], [...probabilities, 0.6], { costs })
    expect(weighted).toEqual(repeated)
  })

  it('refuses bad input', () => {
    expect(() => chooseThreshold([0, 0], [0.2, 0.4], { minPrecision: 0.5 })).toThrow('no threshold meets')
    expect(() => chooseThreshold([0, 1], [0.2, 0.4], { minRecall: 1.5 })).toThrow('minRecall must be 0 … 1')
    expect(() => chooseThreshold([0, 1], [0.2, 1.4], { metric: 'f1' })).toThrow('row 1 is scored 1.4')
    const costs = { falsePositive: Number.NaN, falseNegative: 1 }
    expect(() => chooseThreshold([0, 1], [0.2, 0.4], { costs })).toThrow('the cost of a falsePositive')
    expect(() => chooseThreshold([0, 1], [0.2, 0.4], {} as { minRecall: number })).toThrow(
      'choose a threshold by',
    )
  })
})
