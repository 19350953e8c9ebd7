import { createReadStream } from 'node:fs'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { FileFormat, IngestMode } from '@millrace/protocol'
import { Type } from 'typebox'
import type { DataService } from './service.ts'

const tags = ['Data']
const Dataset = Type.Object({ name: Type.String() })
const Version = Type.Object({ name: Type.String(), version: Type.String() })
const PageQuery = Type.Object({
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 50 }),
  pageToken: Type.Optional(Type.String({ maxLength: 20 })),
})

/** Routes to register dataset versions and to look at them and their validations. */
export function dataRoutes(data: DataService): FastifyPluginAsyncTypebox {
  const refOf = ({ name: dataset, version }: { name: string; version: string }) =>
    data.resolveVersion({ dataset, version })
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
      '/v1/datasets',
      { schema: { tags, summary: 'Datasets that have versions, by name', querystring: PageQuery } },
      ({ query }) => data.listDatasets(query),
    )
    app.get(
      '/v1/datasets/:name/log',
      {
        schema: {
          tags,
          summary: 'Versions, latest first: when and how they were made, what is new, their tags',
          params: Dataset,
          querystring: PageQuery,
        },
      },
      ({ params, query }) => data.listLog(params.name, query),
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
          summary:
            'One version with its schema and statistics: by its id, the beginning of it, a tag, or latest',
          params: Version,
        },
      },
      ({ params }) => data.resolveVersion({ dataset: params.name, version: params.version }),
    )
    app.get(
      '/v1/datasets/:name/versions/:version/parts',
      {
        schema: {
          tags,
          summary: 'The immutable parts that a version is made of, in their order',
          params: Version,
          querystring: PageQuery,
        },
      },
      async ({ params, query }) => data.listParts(await refOf(params), query),
    )
    app.get(
      '/v1/datasets/:name/versions/:version/parts/:position',
      {
        schema: {
          tags,
          summary: 'The rows of one part (Parquet); positions count from 0',
          params: Type.Object({
            name: Type.String(),
            version: Type.String(),
            position: Type.Integer({ minimum: 0 }),
          }),
        },
      },
      async ({ params }, reply) => {
        const { path, bytes, digest } = await data.openPart(await refOf(params), params.position)
        reply
          .type('application/vnd.apache.parquet')
          .header('etag', `"${digest}"`)
          .header('content-length', bytes)
        return reply.send(createReadStream(path))
      },
    )
    app.get(
      '/v1/datasets/:name/versions/:version/rejected',
      {
        schema: {
          tags,
          summary: 'Rows that could not be read and were kept aside when the version was made',
          params: Version,
          querystring: PageQuery,
        },
      },
      async ({ params, query }) => data.listRejected(await refOf(params), query),
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
