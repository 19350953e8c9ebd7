import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { LakeColumn } from './lake.ts'
import { createRowPacker } from './online-columns.ts'
import { packRow } from './online-row.ts'
import type { OnlineCell } from './online-store.ts'

test('rows of columns have the bytes of the same rows', () => {
  const row = fc.tuple(
    fc.option(fc.double({ noNaN: true })),
    fc.option(fc.boolean()),
    fc.option(fc.string({ unit: 'binary' })),
    fc.option(fc.integer()),
  )
  fc.assert(
    fc.property(fc.array(row), fc.boolean(), (rows, hasCreated) => {
      const numbers = (place: 0 | 1 | 3) =>
        Float64Array.from(rows, (one) => (one[place] === null ? Number.NaN : Number(one[place])))
      const dictionary = [...new Set(rows.flatMap((one) => (one[2] === null ? [] : [one[2]])))]
      const columns: LakeColumn[] = [
        { name: 'a', kind: 'number', values: numbers(0) },
        { name: 'b', kind: 'boolean', values: numbers(1) },
        {
          name: 'c',
          kind: 'string',
          codes: Int32Array.from(rows, (one) => (one[2] === null ? -1 : dictionary.indexOf(one[2]))),
          dictionary,
        },
      ]
      const pack = createRowPacker(columns, hasCreated ? numbers(3) : undefined)
      const packed = rows.map((_, i) => pack(i))
      for (const [i, one] of rows.entries()) {
        const values: OnlineCell[] = one.slice(0, 3)
        expect(Buffer.from(packed[i])).toEqual(packRow(values, hasCreated ? one[3] : undefined))
      }
    }),
  )
})
