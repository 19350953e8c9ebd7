import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { CatalogService } from './service.ts'

const Name = Type.String({ minLength: 1, maxLength: 250 })

/** Routes to find features, and to follow what comes from what. */
export function catalogRoutes(catalog: CatalogService): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/v1/features',
      {
        schema: {
          tags: ['Features'],
          summary: 'Features of all views, those that are named as searched first',
          querystring: Type.Object(
            {
              search: Type.Optional(Type.String({ maxLength: 1000 })),
              owner: Type.Optional(Name),
              tag: Type.Optional(
                Type.Union([
                  Type.Array(Type.String({ maxLength: 1300 }), { maxItems: 20 }),
                  Type.String({ maxLength: 1300 }),
                ]),
              ),
              entity: Type.Optional(Name),
              view: Type.Optional(Name),
              limit: Type.Integer({ minimum: 1, maximum: 1000, default: 50 }),
              pageToken: Type.Optional(Type.String({ maxLength: 20 })),
            },
            { additionalProperties: false },
          ),
        },
      },
      ({ query: { limit, pageToken, tag, ...filter } }) => {
        const tags = tag === undefined ? undefined : [tag].flat()
        return catalog.searchFeatures({ ...filter, tags }, { limit, pageToken })
      },
    )
    app.get(
      '/v1/features/:view/:feature',
      {
        schema: {
          tags: ['Features'],
          summary: 'One feature: how it is made, how fresh it is, who relies on it',
          params: Type.Object({ view: Name, feature: Name }),
        },
      },
      (request) => catalog.getFeature(request.params),
    )
    app.get(
      '/v1/lineage',
      {
        schema: {
          tags: ['Lineage'],
          summary: 'What a thing comes from, and what it goes into',
          description:
            '`of` is `kind:name`, `kind:name@version`, or a name alone. Kinds: source, dataset, dataset-version, feature-view, on-demand-view, feature-service, training-set, run, model-version, model, endpoint-revision, endpoint.',
          querystring: Type.Object(
            {
              of: Type.String({ minLength: 1, maxLength: 2000 }),
              direction: Type.Union([Type.Literal('up'), Type.Literal('down'), Type.Literal('both')], {
                default: 'both',
              }),
              depth: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
              nodes: Type.Integer({ minimum: 1, maximum: 2000, default: 500 }),
            },
            { additionalProperties: false },
          ),
        },
      },
      (request) => catalog.getLineage(request.query),
    )
  }
}
