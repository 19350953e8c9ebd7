import { describe, expect, it } from 'vitest'
import { categoricalColumn, createFrame, numericColumn } from '../frame.ts'
import { fitForestClassifier } from './fit.ts'
import { predictProbability } from './predict.ts'

const frame = createFrame({ x: numericColumn([1, 2, 3, 4]), city: categoricalColumn(['a', 'a', 'b', 'b']) })
const model = fitForestClassifier(frame, [0, 0, 1, 1], { nEstimators: 20, smoothing: 0 })

describe('predictProbability', () => {
  it('matches categories by name, whatever their codes', () => {
    const renumbered = createFrame({
      city: { kind: 'categorical', codes: Int32Array.of(2, 2, 0, 0), categories: ['b', 'unused', 'a'] },
      x: numericColumn([1, 2, 3, 4]),
    })
    expect(predictProbability(model, renumbered)).toEqual(predictProbability(model, frame))
  })

  it('treats an unknown category as a missing one', () => {
    const one = (city: string | null) =>
      predictProbability(model, createFrame({ x: numericColumn([2]), city: categoricalColumn([city]) }))
    expect(one('nowhere')).toEqual(one(null))
  })

  it('refuses missing, unknown and differently typed columns by name', () => {
    const x = numericColumn([1])
    const city = categoricalColumn(['a'])
    expect(() => predictProbability(model, createFrame({ x }))).toThrow(
      new TypeError("the frame lacks column 'city' of the model"),
    )
    expect(() => predictProbability(model, createFrame({ x, city: x }))).toThrow(
      /'city' is numeric.*trained on categorical/,
    )
    expect(() => predictProbability(model, createFrame({ x, city, extra: x }))).toThrow(
      /does not know column 'extra'/,
    )
  })

  it('predicts more rows than fit one block', () => {
    const rows = 2500
    const many = createFrame({
      x: numericColumn(Array.from({ length: rows }, (_, row) => (row % 4) + 1)),
      city: categoricalColumn(Array.from({ length: rows }, (_, row) => (row % 4 < 2 ? 'a' : 'b'))),
    })
    const few = predictProbability(model, frame)
    expect(predictProbability(model, many)).toEqual(
      Float64Array.from({ length: rows }, (_, row) => few[row % 4]),
    )
  })
})
