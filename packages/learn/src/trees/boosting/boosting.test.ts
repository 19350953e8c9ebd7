import { describe, expect, it } from 'vitest'
import { booleanColumn, categoricalColumn, createFrame, numericColumn } from '../../frame.ts'
import type { GradientBoostingRegressorOptions } from '../../learners/gradient-boosting/regressor.ts'
import { resolveOptions } from '../../options.ts'
import { categorical } from '../ensemble.ts'
import { predictNumbers } from '../testing.ts'
import { fitBoosting } from './fit.ts'
import { boostingRules } from './options.ts'
import { makeData, one, regress } from './testing.ts'

describe('one split', () => {
  it('is where the squares are smallest, and its leaves are the means', () => {
    const frame = createFrame({ x: numericColumn([1, 2, 3, 5]), noise: numericColumn([1, 2, 1, 2]) })
    const model = regress(frame, [0, 1, 9, 10], { ...one, maxLeafNodes: 2 })
    expect(Array.from(predictNumbers(model, frame))).toEqual([0.5, 0.5, 9.5, 9.5])
    const { trees } = model
    expect(trees.threshold[0]).toBe(2.5)
    expect(Array.from(trees.cover)).toEqual([4, 2, 2])
    // G² / H: gradients are 5, 4, -4 and -5, so 9² / 2 + 9² / 2 - 0.
    expect(trees.gain[0]).toBeCloseTo(81, 6)
  })

  it('shrinks its leaves by l2Regularization and learningRate', () => {
    const frame = createFrame({ x: numericColumn([1, 2]) })
    const model = regress(frame, [0, 8], { ...one, l2Regularization: 1, learningRate: 0.5 })
    expect(Array.from(predictNumbers(model, frame))).toEqual([3, 5])
  })

  it('sends missing values where they belong, and is able to part them from all others', () => {
    const x = numericColumn([1, 2, 3, 4, null, null])
    const low = regress(createFrame({ x }), [0, 0, 9, 9, 0, 0], { ...one, maxLeafNodes: 2 })
    expect(Array.from(predictNumbers(low, createFrame({ x })))).toEqual([0, 0, 9, 9, 0, 0])
    const apart = regress(createFrame({ x }), [1, 1, 1, 1, 7, 7], { ...one, maxLeafNodes: 2 })
    expect(Array.from(predictNumbers(apart, createFrame({ x })))).toEqual([1, 1, 1, 1, 7, 7])
  })

  it('sends missing values with the majority if there were none', () => {
    const model = regress(createFrame({ x: numericColumn([1, 2, 3, 4, 5]) }), [0, 0, 0, 5, 5], one)
    expect(Array.from(predictNumbers(model, createFrame({ x: numericColumn([null]) })))).toEqual([0])
  })

  it('parts categories as sets', () => {
    const names = ['a', 'b', 'c', 'd', 'a', 'b', 'c', 'd']
    const frame = createFrame({ city: categoricalColumn(names) })
    const model = regress(frame, [1, 9, 1, 9, 1, 9, 1, 9], { ...one, maxLeafNodes: 2 })
    expect(model.trees.feature.filter((feature) => feature >= 0)).toHaveLength(1)
    expect(model.trees.flags[0] & categorical).toBe(categorical)
    const other = createFrame({ city: categoricalColumn(['d', 'c', 'b', 'a']) })
    expect(Array.from(predictNumbers(model, other))).toEqual([9, 1, 9, 1])
    const strange = createFrame({ city: categoricalColumn(['new', null]) })
    expect(new Set(predictNumbers(model, strange)).size).toBe(1)
  })

  it('tells true from false', () => {
    const frame = createFrame({ late: booleanColumn([true, false, true, null]) })
    const model = regress(frame, [5, 1, 5, 3])
    expect(Array.from(predictNumbers(model, frame))).toEqual([5, 1, 5, 3])
  })

  it('tells as many categories as two bytes can', () => {
    const names = Array.from({ length: 600 }, (_, row) => `${row % 300}`)
    const numbers = names.map((name) => Number(name) % 7)
    const frame = createFrame({ name: categoricalColumn(names), x: numericColumn(numbers.map(() => 0)) })
    const predicted = predictNumbers(regress(frame, numbers, { ...one, maxLeafNodes: 7 }), frame)
    expect(Array.from(predicted, (value) => Math.round(value * 1e5) / 1e5)).toEqual(numbers)
  })
})

describe('limits', () => {
  const { frame, numbers } = makeData(400)
  const leavesOf = (options: GradientBoostingRegressorOptions) => {
    const { trees } = regress(frame, numbers, { nEstimators: 1, ...options })
    return { leaves: trees.feature.filter((feature) => feature < 0).length, trees }
  }

  it('hold', () => {
    expect(leavesOf({ maxLeafNodes: 9, minSamplesLeaf: 1 }).leaves).toBe(9)
    expect(leavesOf({ maxDepth: 2, minSamplesLeaf: 1 }).leaves).toBe(4)
    expect(leavesOf({ maxLeafNodes: 5, growth: 'depthWise', minSamplesLeaf: 1 }).leaves).toBe(5)
    const { trees } = leavesOf({ maxLeafNodes: null, minSamplesLeaf: 30 })
    expect(Math.min(...trees.cover)).toBeGreaterThanOrEqual(30)
    expect(leavesOf({ minSplitGain: 1e9 }).leaves).toBe(1)
    expect(leavesOf({ minChildWeight: 201 }).leaves).toBe(1)
  })

  it('make no difference to the tree if there are none: by leaf and by level are the same', () => {
    const options = { nEstimators: 3, maxLeafNodes: null, maxDepth: 4 } as const
    const byLeaf = regress(frame, numbers, { ...options, growth: 'leafWise' })
    const byLevel = regress(frame, numbers, { ...options, growth: 'depthWise' })
    const limited = regress(frame, numbers, { ...options, maxLeafNodes: 16, growth: 'depthWise' })
    expect(byLevel.trees).toEqual(byLeaf.trees)
    expect(limited.trees).toEqual(byLeaf.trees)
  })

  it('of memory change nothing', () => {
    const options = resolveOptions('', boostingRules, { nEstimators: 5, minSamplesLeaf: 3 })
    const grow = (histogramBytes: number | undefined) =>
      fitBoosting(
        {
          learner: 'test',
          objective: 'squared_error',
          quantile: 0.5,
          outputs: 1,
          link: 'identity',
          base: new Float64Array(1),
          target: numbers,
          histogramBytes,
        },
        { frame },
        options,
        {},
      )
    expect(grow(1)).toEqual(grow(undefined))
  })
})
