import { type Static, Type } from 'typebox'
import { ColumnName } from './names.ts'
import type { ColumnType } from './schema.ts'

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

const ordered: readonly ColumnType[] = ['int64', 'float64', 'timestamp']

/** What is wrong with the range of a feature of the type; undefined if nothing is. */
export function rangeProblem(type: ColumnType, range: ValueRange): string | undefined {
  const { min, max, in: members, notNull, outside } = range
  const ends = [min, max].filter((end) => end !== undefined)
  if (ends.length === 0 && !members && !notNull) return 'it needs min, max, in or notNull'
  if (ends.length > 0 && !ordered.includes(type))
    return `min and max are for ${ordered.join(', ')}, it is ${type}`
  const wrong = ends.find((end) => !isValue(end, type))
  if (wrong !== undefined) return `${wrong} is no ${type}`
  if (min !== undefined && max !== undefined && min > max) return `min ${min} is above max ${max}`
  if (members) {
    if (ends.length > 0) return 'it has either in, or min and max'
    if (type !== 'string' && type !== 'int64') return `in is for string and int64, it is ${type}`
    const stranger = members.find((member) => !isValue(member, type))
    if (stranger !== undefined) return `${JSON.stringify(stranger)} is no ${type}`
  }
  if (outside === 'clip' && ends.length === 0) return 'clip needs min or max'
  if (outside === 'null' && notNull)
    return 'a value that is outside cannot become missing where it is notNull: choose refuse or clip'
  return undefined
}

function isValue(value: string | number, type: ColumnType): boolean {
  if (type === 'string') return typeof value === 'string'
  return type === 'float64' ? Number.isFinite(value) : Number.isSafeInteger(value)
}
