import { describe, expect, it } from 'vitest'
import { compareMeans } from './compare-means.ts'

describe('compareMeans', () => {
  it('computes the z statistic by hand', () => {
    const result = compareMeans({ count: 100, mean: 1, variance: 4 }, { count: 50, mean: 1.5, variance: 3 })
    expect(result.difference).toBeCloseTo(0.5, 12)
    expect(result.standardError).toBeCloseTo(Math.sqrt(0.1), 12)
    // 1 - Phi(0.5 / sqrt(0.1)) by erfc of Python's math module.
    expect(result.pValueGreater).toBeCloseTo(0.05692314900332906, 12)
  })

  it('is antisymmetric', () => {
    const a = { count: 40, mean: 0.2, variance: 0.5 }
    const b = { count: 70, mean: 0.3, variance: 0.9 }
    expect(compareMeans(a, b).pValueGreater + compareMeans(b, a).pValueGreater).toBeCloseTo(1, 12)
  })

  it('decides by the sign without any spread', () => {
    const flat = (mean: number) => ({ count: 5, mean, variance: 0 })
    expect(compareMeans(flat(1), flat(2)).pValueGreater).toBe(0)
    expect(compareMeans(flat(1), flat(1)).pValueGreater).toBe(0.5)
    expect(compareMeans(flat(2), flat(1)).pValueGreater).toBe(1)
  })

  it.each([
    ['reference.count', { count: 1, mean: 0, variance: 0 }],
    ['reference.mean', { count: 2, mean: Number.NaN, variance: 0 }],
    ['reference.variance', { count: 2, mean: 0, variance: -1 }],
  ])('refuses a bad %s', (name, moments) => {
    expect(() => compareMeans(moments, { count: 2, mean: 0, variance: 0 })).toThrow(name)
  })
})
