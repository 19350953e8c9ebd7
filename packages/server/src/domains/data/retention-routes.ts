import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { DatasetRetention } from './retention.ts'

const tags = ['Data']
const Dataset = Type.Object({ name: Type.String() })
const Version = Type.Object({ name: Type.String(), version: Type.String() })
const Tag = Type.Object({ name: Type.String(), tag: Type.String() })
const PageQuery = Type.Object({
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 50 }),
  pageToken: Type.Optional(Type.String({ maxLength: 20 })),
})

/** Routes for the tags of versions, who names them, and which ones stay. */
export function retentionRoutes(retention: DatasetRetention): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/v1/datasets/:name/tags',
      { schema: { tags, summary: 'Where the tags are, by name', params: Dataset } },
      async ({ params }) => ({ items: await retention.listTags(params.name) }),
    )
    app.put(
      '/v1/datasets/:name/tags/:tag',
      {
        schema: {
          tags,
          summary: 'Move a tag to a version',
          params: Tag,
          body: Type.Object({ version: Type.String() }, { additionalProperties: false }),
        },
      },
      ({ params, body }) => retention.tag({ dataset: params.name, version: body.version }, params.tag),
    )
    app.delete(
      '/v1/datasets/:name/tags/:tag',
      { schema: { tags, summary: 'Take a tag away; its history stays', params: Tag } },
      async ({ params }) => {
        await retention.removeTag(params.name, params.tag)
        return {}
      },
    )
    app.get(
      '/v1/datasets/:name/tags/:tag/history',
      {
        schema: { tags, summary: 'Where a tag has been, latest first', params: Tag, querystring: PageQuery },
      },
      ({ params, query }) => retention.listMoves(params.name, params.tag, query),
    )
    app.get(
      '/v1/datasets/:name/versions/:version/uses',
      { schema: { tags, summary: 'Who names a version, so that it stays', params: Version } },
      async ({ params }) => ({
        items: await retention.listUses({ dataset: params.name, version: params.version }),
      }),
    )
    app.delete(
      '/v1/datasets/:name/versions/:version',
      { schema: { tags, summary: 'Remove a version that nothing names', params: Version } },
      ({ params }) => retention.remove({ dataset: params.name, version: params.version }),
    )
    app.post(
      '/v1/datasets/:name/prune',
      {
        schema: {
          tags,
          summary: 'Remove versions that are neither among the last, nor new enough, nor named',
          params: Dataset,
          body: Type.Object(
            {
              last: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
              days: Type.Number({ minimum: 0, maximum: 100_000, default: 0 }),
              dryRun: Type.Boolean({ default: false }),
            },
            { additionalProperties: false },
          ),
        },
      },
      ({ params, body }) => retention.prune({ dataset: params.name, ...body }),
    )
  }
}
