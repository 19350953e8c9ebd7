import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { SearchBody } from '../../search/index.ts'
import type { RegistrySearch } from './service.ts'

const tags = ['Registry']
const Body = Type.Object(SearchBody, { additionalProperties: false })

/** Routes to search registered models and their versions. */
export function registrySearchRoutes(search: RegistrySearch): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.post(
      '/v1/models/search',
      { schema: { tags, summary: 'Registered models that fit a filter', body: Body } },
      ({ body }) => search.searchRegisteredModels(body),
    )
    app.post(
      '/v1/model-versions/search',
      { schema: { tags, summary: 'Model versions that fit a filter', body: Body } },
      ({ body }) => search.searchModelVersions(body),
    )
  }
}
