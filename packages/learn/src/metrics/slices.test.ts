import { describe, expect, it } from 'vitest'
import { booleanColumn, categoricalColumn, createFrame, numericColumn, timestampColumn } from '../frame.ts'
import { numberTarget } from '../target.ts'
import { evaluateSlices } from './slices.ts'

const frame = createFrame({
  city: categoricalColumn(['a', 'b', 'a', null, 'b', 'a']),
  size: numericColumn([1, 2, 3, 4, null, 6]),
  open: booleanColumn([true, null, false, true, true, false]),
  at: timestampColumn([0, 10, 20, 30, 40, 50]),
})
const prediction = { task: 'regression', values: Float64Array.of(1, 2, 3, 4, 5, 6) } as const
const target = numberTarget([2, 2, 3, 4, 3, 8])
const metrics = ['meanAbsoluteError', 'r2']

describe('evaluateSlices', () => {
  const slices = evaluateSlices(prediction, target, { frame, metrics, bins: 2 })
  const of = (column: string) =>
    slices
      .filter((slice) => slice.column === column)
      .map(({ condition, rows, scores }) => [condition, rows, scores.meanAbsoluteError])

  it('slices by category, with the missing', () => {
    expect(of('city')).toEqual([
      [{ kind: 'category', value: 'a' }, 3, 1],
      [{ kind: 'category', value: 'b' }, 2, 1],
      [{ kind: 'missing' }, 1, 0],
    ])
  })

  it('slices numbers at quantiles, each row once', () => {
    expect(of('size')).toEqual([
      [{ kind: 'range', low: 1, high: 3, isLast: false }, 2, 0.5],
      [{ kind: 'range', low: 3, high: 6, isLast: true }, 3, 2 / 3],
      [{ kind: 'missing' }, 1, 2],
    ])
    expect(of('at').map(([, rows]) => rows)).toEqual([3, 3])
  })

  it('slices by true and false', () => {
    expect(of('open').map(([condition, rows]) => [condition, rows])).toEqual([
      [{ kind: 'boolean', value: false }, 2],
      [{ kind: 'boolean', value: true }, 3],
      [{ kind: 'missing' }, 1],
    ])
  })

  it('says why a metric has no value', () => {
    const missing = slices.find(({ column, condition }) => column === 'city' && condition.kind === 'missing')
    expect(missing?.undefinedScores).toEqual({ r2: 'a share of variance needs at least two rows' })
  })

  it('leaves out small slices and rows of weight 0', () => {
    const found = evaluateSlices(prediction, target, {
      frame,
      metrics,
      columns: ['city'],
      minRows: 2,
      weights: [1, 1, 1, 1, 0, 1],
    })
    expect(found.map(({ condition, rows }) => [condition, rows])).toEqual([
      [{ kind: 'category', value: 'a' }, 3],
    ])
  })

  it('has one range for a constant column', () => {
    const constant = createFrame({ x: numericColumn([7, 7, 7, 7, 7, 7]) })
    expect(evaluateSlices(prediction, target, { frame: constant })).toHaveLength(1)
  })

  it('refuses what does not fit', () => {
    const small = createFrame({ x: numericColumn([1]) })
    expect(() => evaluateSlices(prediction, target, { frame: small })).toThrow('the frame has 1 rows')
    expect(() => evaluateSlices(prediction, target, { frame, columns: ['x'] })).toThrow("no column 'x'")
  })
})
