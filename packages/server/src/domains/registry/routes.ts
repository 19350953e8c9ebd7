import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { RegistryService } from './service.ts'

const tags = ['Registry']
const Page = Type.Object({
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 50 }),
  pageToken: Type.Optional(Type.String({ maxLength: 20 })),
})
const Model = Type.Object({ name: Type.String() })
const Alias = Type.Object({ name: Type.String(), alias: Type.String() })

/** Routes to look at registered models and their lineage, and to move aliases. */
export function registryRoutes(registry: RegistryService): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/v1/models',
      { schema: { tags, summary: 'Registered models with their aliases, by name', querystring: Page } },
      (request) => registry.listModels(request.query),
    )
    app.get(
      '/v1/models/:name/versions',
      { schema: { tags, summary: 'Versions of a model, newest first', params: Model, querystring: Page } },
      (request) => registry.listVersions(request.params.name, request.query),
    )
    app.get(
      '/v1/models/:name/versions/:version',
      {
        schema: {
          tags,
          summary: 'One version with its gate result and lineage',
          params: Type.Object({ name: Type.String(), version: Type.Integer({ minimum: 1 }) }),
        },
      },
      ({ params }) => registry.getVersion({ model: params.name, version: params.version }),
    )
    app.get(
      '/v1/models/:name/aliases/:alias/history',
      { schema: { tags, summary: 'Every move of an alias, newest first', params: Alias, querystring: Page } },
      ({ params, query }) => registry.listAliasHistory({ model: params.name, alias: params.alias }, query),
    )
    app.put(
      '/v1/models/:name/aliases/:alias',
      {
        schema: {
          tags,
          summary: 'Point an alias at a version; rejected versions are refused',
          params: Alias,
          body: Type.Object(
            { version: Type.Integer({ minimum: 1 }), reason: Type.String({ minLength: 1, maxLength: 5000 }) },
            { additionalProperties: false },
          ),
        },
      },
      ({ params, body }) =>
        registry.setAlias({ model: params.name, alias: params.alias, by: 'api', ...body }),
    )
    app.get(
      '/v1/datasets/:name/versions/:version/models',
      {
        schema: {
          tags,
          summary: 'Model versions that learnt from a dataset version',
          params: Type.Object({ name: Type.String(), version: Type.String() }),
          querystring: Page,
        },
      },
      ({ params, query }) =>
        registry.listVersionsBy({ dataset: params.name, version: params.version }, query),
    )
  }
}
