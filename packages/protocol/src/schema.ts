import { type Static, Type } from 'typebox'

/** Column types of datasets, features, requests. Times are UTC: `Date` in TypeScript, milliseconds on the wire. */
export const ColumnType = Type.Union([
  Type.Literal('string'),
  Type.Literal('int64'),
  Type.Literal('float64'),
  Type.Literal('boolean'),
  Type.Literal('timestamp'),
])
export type ColumnType = Static<typeof ColumnType>

/** Column name -> type, in order. */
export const Schema = Type.Record(
  Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]{0,127}$' }),
  ColumnType,
  // Without it the pattern says only what values matching names have, and every other name is taken, too.
  { additionalProperties: false },
)
export type Schema = Record<string, ColumnType>

/** The TypeScript value of a column type. */
export type ValueOf<T extends ColumnType> = T extends 'string'
  ? string
  : T extends 'int64' | 'float64'
    ? number
    : T extends 'boolean'
      ? boolean
      : Date

/** The TypeScript row of a schema. */
export type RowOf<S extends Record<string, ColumnType>> = { [K in keyof S]: ValueOf<S[K]> }
