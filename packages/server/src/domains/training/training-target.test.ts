import { classTarget, numberTarget } from '@millrace/learn'
import { describe, expect, it } from 'vitest'
import { checkTrainingTarget } from './training-target.ts'

const rows = Array.from({ length: 4000 }, (_, row) => row)

describe('a target to learn from', () => {
  it.each([
    ['one class', classTarget([true, true]), /"y" is true in all 2 rows; a classifier needs two classes/],
    ['names of rows', classTarget(['a', 'b', 'c']), /has 3 classes in 3 rows.*group them/],
    ['numbers as classes', classTarget(rows.map((row) => row % 1001)), /has 1001 classes.*regressor/],
    ['what no 32-bit float holds', numberTarget([1, -1e300]), /is -1e\+300 in row 1.*another unit/],
  ])('is not %s', (_, target, message) => {
    expect(() => checkTrainingTarget('set', 'y', target)).toThrow(message)
  })

  it('is two classes of a row each, many classes of many rows, any number', () => {
    checkTrainingTarget('set', 'y', classTarget([0, 1]))
    checkTrainingTarget('set', 'y', classTarget(rows.map((row) => row % 1000)))
    checkTrainingTarget('set', 'y', numberTarget([3, 3, -3.4e38]))
  })
})
