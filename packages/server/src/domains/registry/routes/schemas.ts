import { Type } from 'typebox'

export const tags = ['Registry']
export const closed = { additionalProperties: false } as const

export const Page = Type.Object({
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 50 }),
  pageToken: Type.Optional(Type.String({ maxLength: 20 })),
})
export const Model = Type.Object({ name: Type.String() })
export const ModelTag = Type.Object({ name: Type.String(), key: Type.String() })
const number = Type.Integer({ minimum: 1 })
export const Version = Type.Object({ name: Type.String(), version: number })
export const VersionTag = Type.Object({ name: Type.String(), version: number, key: Type.String() })
export const Alias = Type.Object({ name: Type.String(), alias: Type.String() })

export const Reason = Type.String({ minLength: 1, maxLength: 5000 })
export const Description = Type.Union([Type.String(), Type.Null()])
export const Tags = Type.Record(Type.String(), Type.String())
export const TagValue = Type.Object({ value: Type.String() }, closed)
export const Time = Type.Optional(Type.Integer({ minimum: 0 }))

/** Who did it, as far as routes know. */
export const by = 'api'

/** The names that services use. */
export const refOf = ({ name, version }: { name: string; version: number }) => ({ model: name, version })
