import { describe, expect, it } from 'vitest'
import { alignFrame, describeInputs } from './align-frame.ts'
import { booleanColumn, categoricalColumn, createFrame, numericColumn, timestampColumn } from './frame.ts'

const trained = createFrame({ x: numericColumn([1]), c: categoricalColumn(['b', 'a'].slice(0, 1)) })

describe('alignFrame', () => {
  it('orders the columns and numbers categories as the model does', () => {
    const inputs = describeInputs(createFrame({ x: numericColumn([1, 2]), c: categoricalColumn(['b', 'a']) }))
    const frame = createFrame({ c: categoricalColumn(['new', 'a', null]), x: numericColumn([1, 2, 3]) })
    const aligned = alignFrame(inputs, frame)
    expect(Object.keys(aligned.columns)).toEqual(['x', 'c'])
    expect(aligned.columns.c).toEqual({
      kind: 'categorical',
      codes: Int32Array.of(-1, 1, -1),
      categories: ['b', 'a'],
    })
    expect(aligned.columns.x).toBe(frame.columns.x)
  })

  it('gives back a frame that is as the model wants it', () => {
    expect(alignFrame(describeInputs(trained), trained)).toBe(trained)
    const renamed = createFrame({ x: numericColumn([1]), c: categoricalColumn(['a']) })
    expect(alignFrame(describeInputs(trained), renamed).columns.c).toMatchObject({ categories: ['b'] })
  })

  it('refuses other columns than those of the model', () => {
    const inputs = describeInputs(trained)
    expect(() => alignFrame(inputs, createFrame({ x: numericColumn([1]) }))).toThrow("lacks column 'c'")
    expect(() =>
      alignFrame(inputs, createFrame({ x: booleanColumn([true]), c: categoricalColumn(['a']) })),
    ).toThrow("column 'x' is boolean; the model was trained on numeric")
    expect(() =>
      alignFrame(inputs, createFrame({ ...trained.columns, t: timestampColumn([new Date(0)]) })),
    ).toThrow("does not know column 't'")
  })
})
