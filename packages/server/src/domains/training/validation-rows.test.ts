import { classTarget, createFrame, numberTarget, numericColumn } from '@millrace/learn'
import { expect, it } from 'vitest'
import { holdOutLast, type TimedRows, validateOn } from './validation-rows.ts'

const rowsOf = (times: number[], target: TimedRows['target'], name = 'set'): TimedRows => ({
  name,
  times: Float64Array.from(times),
  frame: createFrame({ x: numericColumn(times) }),
  target,
})

it('the last rows are held out, those of one time together', () => {
  const { training, validation } = holdOutLast(rowsOf([1, 2, 3, 3, 3], numberTarget([1, 2, 3, 4, 5])), 0.4)
  expect([...training.times]).toEqual([1, 2])
  expect(validation.target).toEqual(numberTarget([3, 4, 5]))
  expect(validation.frame.rows).toBe(3)
  expect(() => holdOutLast(rowsOf([3, 3, 3], numberTarget([1, 2, 3])), 0.1)).toThrow(
    'its last 10 % of the rows by time are all 3',
  )
})

it('classes are those of the rows learnt from', () => {
  const rows = rowsOf([1, 2, 3, 4], classTarget(['b', 'c', 'b', 'c']))
  const { training, validation } = holdOutLast(rows, 0.5)
  expect(training.target).toEqual(classTarget(['b', 'c']))
  expect(validation.target).toEqual({ ...classTarget(['b', 'c']), codes: Int32Array.of(0, 1) })
  const late = rowsOf([1, 2, 3, 4], classTarget(['b', 'c', 'b', 'a']))
  expect(() => holdOutLast(late, 0.5)).toThrow(/class "a", which no row learnt from has/)
})

it('another training set has the codes of the one learnt from, and comes after it', () => {
  const training = rowsOf([1, 2], classTarget(['a', 'b']))
  const later = rowsOf([3, 4], classTarget(['b', 'b']), 'later')
  expect(validateOn(training, later).target).toMatchObject({ codes: Int32Array.of(1, 1) })
  expect(() => validateOn(later, training)).toThrow(/"set".*validate on later rows/)
  expect(() => validateOn(training, rowsOf([2, 3], classTarget(['a', 'b'])))).toThrow(/begins at/)
})
