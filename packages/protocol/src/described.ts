import { type Static, Type } from 'typebox'
import { ColumnName } from './names.ts'

const closed = { additionalProperties: false } as const

/** What people want to know of a definition. It is no part of what the definition means, nor of its version. */
export const described = {
  description: Type.Optional(Type.String({ minLength: 1, maxLength: 10_000 })),
  /** Whom to ask: a person, a team, an address. */
  owner: Type.Optional(Type.String({ minLength: 1, maxLength: 250 })),
  tags: Type.Optional(
    Type.Record(Type.String({ pattern: '^[^=]{1,250}$' }), Type.String({ maxLength: 1000 }), closed),
  ),
} as const

const Described = Type.Object(described, closed)
export type Described = Static<typeof Described>

/** Feature -> what there is to know of it. Features have the owner and the tags of their view where they have none. */
export const About = Type.Record(ColumnName, Described, closed)
export type About = Static<typeof About>
