import { Type } from 'typebox'

/** The part of the body that all searches have. */
export const SearchBody = {
  filter: Type.Optional(
    Type.String({
      description:
        "Conditions such as metrics.loss < 0.5 AND (tags.team IN ('a', 'b') OR NOT params.lr IS NULL); all without it",
    }),
  ),
  orderBy: Type.Optional(
    Type.Array(Type.String({ maxLength: 1000 }), { maxItems: 10, description: 'Such as metrics.loss DESC' }),
  ),
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
  pageToken: Type.Optional(Type.String({ maxLength: 50_000 })),
  count: Type.Boolean({ default: false, description: 'Also count everything that fits, as total' }),
}
