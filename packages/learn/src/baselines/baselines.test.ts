import { describe, expect, it } from 'vitest'
import { fitConstantBaseline, predictConstant } from './constant.ts'
import { fitGroupMeanBaseline, predictGroupMean } from './group-mean.ts'

describe('constant baseline', () => {
  it('predicts the share of class 1', () => {
    const baseline = fitConstantBaseline([0, 1, 1, 1])
    expect(Array.from(predictConstant(baseline, 2))).toEqual([0.75, 0.75])
  })

  it('needs rows and labels', () => {
    expect(() => fitConstantBaseline([])).toThrow('at least one row')
    expect(() => fitConstantBaseline([0, Number.NaN])).toThrow('row 1 holds NaN')
  })
})

describe('group mean baseline', () => {
  const baseline = fitGroupMeanBaseline([0, 0, 1, -1], [1, 1, 0, 0], { groups: 3, smoothing: 2 })

  it('shrinks each group towards the global mean', () => {
    expect(baseline).toEqual({
      kind: 'group-mean-baseline',
      globalMean: 0.5,
      means: Float64Array.of((2 + 1) / 4, (0 + 1) / 3, 0.5),
    })
  })

  it('falls back to the global mean', () => {
    expect(Array.from(predictGroupMean(baseline, [0, 2, -1, 99]))).toEqual([0.75, 0.5, 0.5, 0.5])
  })

  it('refuses bad input by name', () => {
    expect(() => fitGroupMeanBaseline([3], [0], { groups: 3 })).toThrow('a group code must be')
    expect(() => fitGroupMeanBaseline([0], [0], { groups: 0 })).toThrow('groups must be')
    expect(() => fitGroupMeanBaseline([0, 0], [0], { groups: 1 })).toThrow('the target has 1 values')
    expect(() => fitGroupMeanBaseline([], [], { groups: 1 })).toThrow('at least one row')
    expect(() => fitGroupMeanBaseline([0], [0], { groups: 1, smoothing: -1 })).toThrow('smoothing')
  })
})
