import { type Static, Type } from 'typebox'
import { ColumnName } from './names.ts'

const closed = { additionalProperties: false } as const

/** What becomes of a value outside: what it is for is refused, it is taken as missing, or as the nearest end. */
export const Outside = Type.Union([Type.Literal('refuse'), Type.Literal('null'), Type.Literal('clip')])
export type Outside = Static<typeof Outside>

/** The values that a feature may have, in training and in serving. Times are milliseconds. */
export const ValueRange = Type.Object(
  {
    /** Both ends are included. */
    min: Type.Optional(Type.Number()),
    max: Type.Optional(Type.Number()),
    in: Type.Optional(
      Type.Array(Type.Union([Type.String({ maxLength: 1000 }), Type.Number()]), {
        minItems: 1,
        maxItems: 10_000,
      }),
    ),
    /** A missing value is refused; else it is inside. */
    notNull: Type.Optional(Type.Literal(true)),
    outside: Outside,
  },
  closed,
)
export type ValueRange = Static<typeof ValueRange>

/** Feature -> its range. */
export const Ranges = Type.Record(ColumnName, ValueRange, closed)
export type Ranges = Static<typeof Ranges>
