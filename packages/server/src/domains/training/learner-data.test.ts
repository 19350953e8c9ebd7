import { describe, expect, it } from 'vitest'
import type { LoadedTrainingSet } from '../features/index.ts'
import { targetOf, toLearnerRows } from './learner-data.ts'

type Column = LoadedTrainingSet['columns'][number]

/** A set of two columns, the time and a feature, with a label. */
function setOf(label: Column, type: string, feature?: Column): LoadedTrainingSet {
  const at: Column = { name: 'at', kind: 'timestamp', values: Float64Array.of(1, 2, 3) }
  const columns = [at, label, ...(feature ? [feature] : [])]
  return {
    rows: 3,
    columns,
    manifest: {
      name: 'set',
      label: 'y',
      timestamp: 'at',
      columns: columns.map(({ name, kind }) => ({ name, type: name === 'y' ? type : kind, role: 'feature' })),
    },
  } as unknown as LoadedTrainingSet
}
const numbers = (...values: number[]): Column => ({
  name: 'y',
  kind: 'number',
  values: Float64Array.from(values),
})
const flags = (...values: number[]): Column => ({
  name: 'y',
  kind: 'boolean',
  values: Float64Array.from(values),
})
const texts = (...codes: number[]): Column => ({
  name: 'y',
  kind: 'string',
  codes: Int32Array.from(codes),
  dictionary: ['late', 'early'],
})

describe('targetOf', () => {
  it('makes classes of texts, flags and numbers, and numbers of numbers', () => {
    expect(targetOf(setOf(texts(0, 1, 0), 'string'), 'classification').target).toMatchObject({
      classes: ['early', 'late'],
      codes: Int32Array.of(1, 0, 1),
    })
    expect(targetOf(setOf(flags(1, 0, 0), 'boolean'), 'classification').target).toMatchObject({
      classes: [false, true],
    })
    expect(targetOf(setOf(numbers(3, 1, 3), 'int64'), 'classification').target).toMatchObject({
      classes: [1, 3],
    })
    expect(targetOf(setOf(numbers(3, 1, 3), 'int64'), 'regression')).toEqual({
      label: { name: 'y', type: 'int64' },
      target: { kind: 'numbers', values: Float64Array.of(3, 1, 3) },
    })
  })

  it.each([
    ['a time', numbers(1, 2, 3), 'timestamp', 'classification', /is a time/],
    [
      'a text for numbers',
      texts(0, 1, 0),
      'string',
      'regression',
      /is string, but the learner learns numbers/,
    ],
    ['a flag for numbers', flags(0, 1, 0), 'boolean', 'regression', /is boolean/],
    ['a missing text', texts(0, -1, 0), 'string', 'classification', /is missing in row 1/],
    ['a missing number', numbers(0, 1, Number.NaN), 'float64', 'regression', /is missing in row 2/],
    ['no number', numbers(0, Number.POSITIVE_INFINITY, 1), 'float64', 'regression', /row 1 holds Infinity/],
  ] as const)('refuses %s', (_, column, type, task, message) => {
    const refused = () => targetOf(setOf(column, type), task)
    expect(refused).toThrow(message)
    expect(refused).toThrow(expect.objectContaining({ code: 'training.data_unusable' }))
  })
})

describe('toLearnerRows', () => {
  it('keeps flags and times what they are, missing ones too', () => {
    const flag: Column = { name: 'x', kind: 'boolean', values: Float64Array.of(1, 0, Number.NaN) }
    const time: Column = { name: 'x', kind: 'timestamp', values: Float64Array.of(5, Number.NaN, 6) }
    const rowsOf = (x: Column) =>
      toLearnerRows(setOf(numbers(0, 1, 0), 'int64', x), [{ name: 'x', type: 'boolean' }])
    expect(rowsOf(flag).frame.columns.x).toEqual({ kind: 'boolean', values: Int8Array.of(1, 0, -1) })
    expect(rowsOf(time).frame.columns.x).toMatchObject({ kind: 'timestamp' })
  })
})
