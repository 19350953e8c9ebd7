import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { FileSetRetention } from './retention.ts'

const tags = ['File sets']
const FileSet = Type.Object({ name: Type.String() })
const Tag = Type.Object({ name: Type.String(), tag: Type.String() })
const PageQuery = Type.Object({
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 50 }),
  pageToken: Type.Optional(Type.String({ maxLength: 20 })),
})

/** Routes for the tags of versions, and for which versions stay. */
export function retentionRoutes(retention: FileSetRetention): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/v1/file-sets/:name/tags',
      { schema: { tags, summary: 'Where the tags are, by name', params: FileSet } },
      async ({ params }) => ({ items: await retention.listTags(params.name) }),
    )
    app.put(
      '/v1/file-sets/:name/tags/:tag',
      {
        schema: {
          tags,
          summary: 'Move a tag to a version',
          params: Tag,
          body: Type.Object({ version: Type.String() }, { additionalProperties: false }),
        },
      },
      ({ params, body }) => retention.tag({ fileSet: params.name, version: body.version }, params.tag),
    )
    app.delete(
      '/v1/file-sets/:name/tags/:tag',
      { schema: { tags, summary: 'Take a tag away; its history stays', params: Tag } },
      async ({ params }) => {
        await retention.removeTag(params.name, params.tag)
        return {}
      },
    )
    app.get(
      '/v1/file-sets/:name/tags/:tag/history',
      {
        schema: { tags, summary: 'Where a tag has been, latest first', params: Tag, querystring: PageQuery },
      },
      ({ params, query }) => retention.listMoves(params.name, params.tag, query),
    )
    app.delete(
      '/v1/file-sets/:name/versions/:version',
      {
        schema: {
          tags,
          summary: 'Remove a version that has no tag',
          params: Type.Object({ name: Type.String(), version: Type.String() }),
        },
      },
      ({ params }) => retention.remove({ fileSet: params.name, version: params.version }),
    )
    app.post(
      '/v1/file-sets/:name/prune',
      {
        schema: {
          tags,
          summary: 'Remove versions that are neither among the last, nor new enough, nor tagged',
          params: FileSet,
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
      async ({ params, body }) => ({ items: await retention.prune({ fileSet: params.name, ...body }) }),
    )
  }
}
