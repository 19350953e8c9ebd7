import { describe, expect, it } from 'vitest'
import { classTarget, type Label, numberTarget } from './target.ts'

describe('classTarget', () => {
  it('numbers the classes in ascending order', () => {
    expect(classTarget(['b', 'a', 'b'])).toEqual({
      kind: 'classes',
      classes: ['a', 'b'],
      codes: Int32Array.of(1, 0, 1),
    })
    expect(classTarget([10, 9, -1]).classes).toEqual([-1, 9, 10])
    expect(classTarget([true, false]).classes).toEqual([false, true])
  })

  it.each<[unknown[], string]>([
    [[1, 'a'], "row 1 holds 'a', row 0 1"],
    [[1, Number.NaN], 'row 1 holds NaN'],
    [['a', null], 'row 1 holds null'],
    [[undefined], 'row 0 holds undefined'],
  ])('refuses %j', (labels, message) => {
    expect(() => classTarget(labels as Label[])).toThrow(message)
  })
})

describe('numberTarget', () => {
  it('names the first row that is no finite number', () => {
    expect(numberTarget([1, 2]).values).toEqual(Float64Array.of(1, 2))
    expect(() => numberTarget([1, Infinity])).toThrow('row 1 holds Infinity')
  })
})
