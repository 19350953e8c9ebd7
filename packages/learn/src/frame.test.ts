import { describe, expect, it } from 'vitest'
import { type Column, categoricalColumn, createFrame, numericColumn, selectColumns } from './frame.ts'

const categorical = (codes: number[], categories: string[]): Column => ({
  kind: 'categorical',
  codes: Int32Array.from(codes),
  categories,
})

describe('createFrame', () => {
  it('counts the rows', () => {
    expect(createFrame({ x: numericColumn([1, null]), c: categoricalColumn(['a', '']) }).rows).toBe(2)
    expect(createFrame({ x: numericColumn([]) }).rows).toBe(0)
  })

  it.each<[string, Record<string, Column>]>([
    ['at least one column', {}],
    ["column 'y' has 1 rows, 'x' has 2", { x: numericColumn([1, 2]), y: numericColumn([1]) }],
    ["column 'c': code 2 in row 1", { c: categorical([0, 2], ['a', 'b']) }],
    ["column 'c': code -2 in row 0", { c: categorical([-2], ['a']) }],
    ["column 'c': category 'a' occurs twice", { c: categorical([0], ['a', 'a']) }],
    ["column 'c': '' is not a category", { c: categorical([0], ['']) }],
    ['not valid Unicode', { c: categorical([0], ['\ud800']) }],
  ])('refuses: %s', (message, columns) => {
    expect(() => createFrame(columns)).toThrow(RangeError)
    expect(() => createFrame(columns)).toThrow(message)
  })

  it('refuses values of the wrong type', () => {
    const columns = { x: { kind: 'numeric', values: [1, 2] } } as unknown as Record<string, Column>
    expect(() => createFrame(columns)).toThrow(TypeError)
    expect(() => createFrame({ x: null } as unknown as Record<string, Column>)).toThrow("column 'x'")
  })
})

describe('categoricalColumn', () => {
  it('codes by first appearance; null and the empty text are missing', () => {
    const column = categoricalColumn(['b', 'a', null, '', 'b'])
    expect(column).toEqual(categorical([0, 1, -1, -1, 0], ['b', 'a']))
  })
})

describe('selectColumns', () => {
  it('keeps the named columns in that order and refuses unknown names', () => {
    const frame = createFrame({ x: numericColumn([1]), y: numericColumn([2]), z: numericColumn([3]) })
    expect(Object.keys(selectColumns(frame, ['z', 'x']).columns)).toEqual(['z', 'x'])
    expect(() => selectColumns(frame, ['toString'])).toThrow("no column 'toString'")
  })
})
