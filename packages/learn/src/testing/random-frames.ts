import fc from 'fast-check'
import {
  booleanColumn,
  type Column,
  categoricalColumn,
  createFrame,
  type Frame,
  numericColumn,
  timestampColumn,
} from '../frame.ts'

const number = fc.oneof(
  { weight: 4, arbitrary: fc.float({ noDefaultInfinity: true, noNaN: true, min: -1e6, max: 1e6 }) },
  { weight: 3, arbitrary: fc.integer({ min: -3, max: 9 }) },
  { weight: 1, arbitrary: fc.constant(null) },
)
const text = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('a', 'b', 'c', 'Zürich', '', null) },
  { weight: 1, arbitrary: fc.string({ maxLength: 9, unit: 'grapheme' }) },
)
const time = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: -5e12, max: 5e12 }) },
  { weight: 1, arbitrary: fc.double({ min: -8.6e15, max: 8.6e15, noNaN: true }) },
  { weight: 1, arbitrary: fc.constant(null) },
)

const row = fc.record({
  x: number,
  y: number,
  z: number,
  city: text,
  kind: text,
  at: time,
  flag: fc.constantFrom(true, false, null),
})
/** A row of {@link toFrame}: three numbers, two texts, a time and a truth value, each of which may be missing. */
export type RandomRow = typeof row extends fc.Arbitrary<infer T> ? T : never

/** Rows for a fit: the first one has a value everywhere, so that no column is empty. */
export const trainingRows = (minLength: number, maxLength: number): fc.Arbitrary<RandomRow[]> =>
  fc
    .array(row, { minLength: minLength - 1, maxLength: maxLength - 1 })
    .map((rows) => [{ x: 1, y: -2, z: 0.5, city: 'a', kind: 'b', at: 1e12, flag: true }, ...rows])

export const freshRows = (maxLength: number): fc.Arbitrary<RandomRow[]> =>
  fc.array(row, { minLength: 1, maxLength })

export const toFrame = (rows: readonly RandomRow[]): Frame =>
  createFrame({
    x: numericColumn(rows.map((r) => r.x)),
    city: categoricalColumn(rows.map((r) => r.city)),
    at: timestampColumn(rows.map((r) => r.at)),
    y: numericColumn(rows.map((r) => r.y)),
    flag: booleanColumn(rows.map((r) => r.flag)),
    kind: categoricalColumn(rows.map((r) => r.kind)),
    z: numericColumn(rows.map((r) => r.z)),
  } satisfies Record<string, Column>)
