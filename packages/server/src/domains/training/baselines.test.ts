import { classTarget, numberTarget } from '@millrace/learn'
import { describe, expect, it } from 'vitest'
import type { LakeColumn } from '../../ports/lake.ts'
import { predictBaselines } from './baselines.ts'
import { createGroups } from './group-codes.ts'

const numbers = (...values: number[]): LakeColumn => ({
  name: 'h',
  kind: 'number',
  values: Float64Array.from(values),
})
const texts = (dictionary: string[], ...codes: number[]): LakeColumn => ({
  name: 'k',
  kind: 'string',
  codes: Int32Array.from(codes),
  dictionary,
})

describe('predictBaselines', () => {
  it('gives rates of classes, and by group shrunk to them by the weight of 20 rows', () => {
    const history = {
      target: classTarget(['no', 'yes', 'yes', 'yes']),
      groups: [texts(['a', 'b'], 0, 0, 1, 1)],
    }
    const rows = { target: classTarget(['no', 'no', 'yes']), groups: [texts(['b', 'c'], 0, 1, -1)] }
    const [constant, grouped, ...others] = predictBaselines(history, rows, ['no', 'yes'])
    expect(others).toEqual([])
    expect(constant).toEqual({
      name: 'class rates',
      prediction: {
        task: 'classification',
        classes: ['no', 'yes'],
        probabilities: Float64Array.of(0.25, 0.75, 0.25, 0.75, 0.25, 0.75),
      },
    })
    expect(grouped).toMatchObject({
      name: 'historical class rates by k',
      // b: (2 + 20 · 0.75) / 22; c and missing: all rows.
      prediction: { probabilities: Float64Array.of(5 / 22, 17 / 22, 0.25, 0.75, 0.25, 0.75) },
    })
  })

  it('gives means of numbers, and the constant alone without groups', () => {
    const rows = { target: numberTarget([0, 0]), groups: [numbers(2, 1)] }
    const history = { target: numberTarget([1, 3, 8]), groups: [numbers(1, 1, 2)] }
    expect(predictBaselines(history, rows, undefined)).toEqual([
      { name: 'mean', prediction: { task: 'regression', values: Float64Array.of(4, 4) } },
      {
        name: 'historical mean by h',
        prediction: { task: 'regression', values: Float64Array.of((8 + 80) / 21, (4 + 80) / 22) },
      },
    ])
    const withoutGroups = { ...rows, groups: [] }
    expect(predictBaselines({ ...history, groups: [] }, withoutGroups, undefined)).toHaveLength(1)
  })
})

describe('createGroups', () => {
  it('gives a combination the same code whatever dictionary it comes with, and none to what is missing', () => {
    const groups = createGroups(2)
    const first = groups.codes([numbers(1, 1, 2, Number.NaN, 2), texts(['a', 'b'], 0, 1, 0, 0, -1)])
    expect([...first]).toEqual([0, 1, 2, -1, -1])
    expect([...groups.codes([numbers(1, 2, 2), texts(['b', 'a'], 0, 1, 0)])]).toEqual([1, 2, 3])
  })

  it('takes any number of columns', () => {
    expect([...createGroups(1).codes([numbers(5, 6, 5)])]).toEqual([0, 1, 0])
    const three = createGroups(3).codes([numbers(1, 1, 1), texts(['a'], 0, 0, 0), numbers(7, 8, 7)])
    expect([...three]).toEqual([0, 1, 0])
  })
})
