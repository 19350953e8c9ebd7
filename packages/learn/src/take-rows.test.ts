import { expect, it } from 'vitest'
import { categoricalColumn, createFrame, numericColumn } from './frame.ts'
import { takeFrameRows, takeRows } from './take-rows.ts'
import { classTarget } from './target.ts'

const frame = createFrame({ x: numericColumn([1, null, 3]), city: categoricalColumn(['a', null, 'b']) })

it('takes rows in any order and more than once, with all that belongs to them', () => {
  const taken = takeRows(
    { frame, target: classTarget(['no', 'yes', 'no']), weights: Float64Array.of(1, 2, 3) },
    [2, 0, 2],
  )
  expect(taken.frame.columns).toMatchObject({
    x: { values: Float32Array.of(3, 1, 3) },
    city: { codes: Int32Array.of(1, 0, 1), categories: ['a', 'b'] },
  })
  expect(taken.target).toMatchObject({ codes: Int32Array.of(0, 0, 0), classes: ['no', 'yes'] })
  expect(taken.weights).toEqual(Float64Array.of(3, 1, 3))
})

it.each([3, -1, 0.5, Number.NaN])('refuses row %d of three', (row) => {
  expect(() => takeFrameRows(frame, [0, row])).toThrow(`there is no row ${row}; there are 3`)
})
