import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { FileFormat, IngestMode } from '@millrace/protocol'
import { Type } from 'typebox'
import type { DataService } from './service.ts'

const tags = ['Data']
const Dataset = Type.Object({ name: Type.String() })
const PageQuery = Type.Object({
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 50 }),
  pageToken: Type.Optional(Type.String({ maxLength: 20 })),
})

/** Routes to register dataset versions and to look at them and their validations. */
export function dataRoutes(data: DataService): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.post(
      '/v1/datasets/:name/versions',
      {
        schema: {
          tags,
          summary: 'Register the source as a version: check it, run its expectations, store it',
          params: Dataset,
          body: Type.Object(
            {
              path: Type.Optional(Type.String({ minLength: 1, maxLength: 4096 })),
              format: Type.Optional(FileFormat),
              mode: Type.Optional(IngestMode),
            },
            { additionalProperties: false },
          ),
        },
      },
      (request) => data.ingest({ dataset: request.params.name, ...request.body }),
    )
    app.get(
      '/v1/datasets/:name/versions',
      { schema: { tags, summary: 'Versions, newest first', params: Dataset, querystring: PageQuery } },
      (request) => data.listVersions(request.params.name, request.query),
    )
    app.get(
      '/v1/datasets/:name/versions/:version',
      {
        schema: {
          tags,
          summary: 'One version with its schema and statistics',
          params: Type.Object({ name: Type.String(), version: Type.String() }),
        },
      },
      (request) => data.getVersion({ dataset: request.params.name, version: request.params.version }),
    )
    app.get(
      '/v1/datasets/:name/versions/:version/parts',
      {
        schema: {
          tags,
          summary: 'The immutable parts that a version is made of, in their order',
          params: Type.Object({ name: Type.String(), version: Type.String() }),
          querystring: PageQuery,
        },
      },
      ({ params, query }) => data.listParts({ dataset: params.name, version: params.version }, query),
    )
    app.get(
      '/v1/datasets/:name/versions/:version/rejected',
      {
        schema: {
          tags,
          summary: 'Rows that could not be read and were kept aside when the version was made',
          params: Type.Object({ name: Type.String(), version: Type.String() }),
          querystring: PageQuery,
        },
      },
      ({ params, query }) => data.listRejected({ dataset: params.name, version: params.version }, query),
    )
    app.get(
      '/v1/datasets/:name/validations',
      {
        schema: {
          tags,
          summary: 'Validation results, newest first, those that stopped a version too',
          params: Dataset,
          querystring: PageQuery,
        },
      },
      (request) => data.listValidations(request.params.name, request.query),
    )
  }
}
