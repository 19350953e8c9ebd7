import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { acceptStreams, requestBody, sendFile } from '../artifacts/index.ts'
import { blobSource } from './blobs/blob-source.ts'
import type { BlobStore } from './blobs/blob-store.ts'
import { blobRoutes } from './blobs/routes.ts'
import { manifestEntries } from './manifest-lines.ts'
import type { FileSetRetention } from './retention.ts'
import { retentionRoutes } from './retention-routes.ts'
import type { FileSetService } from './service.ts'

const tags = ['File sets']
const FileSet = Type.Object({ name: Type.String() })
const Version = Type.Object({ name: Type.String(), version: Type.String() })
const PageQuery = Type.Object({
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 50 }),
  pageToken: Type.Optional(Type.String({ maxLength: 20 })),
})
const FilePageQuery = Type.Object({
  limit: Type.Integer({ minimum: 1, maximum: 10_000, default: 1000 }),
  pageToken: Type.Optional(Type.String({ maxLength: 1024 })),
})

export interface FileSetRoutesDeps {
  fileSets: FileSetService
  blobs: BlobStore
  fileSetRetention: FileSetRetention
  /** Most bytes of one file. */
  limit: number
}

/** Routes to keep bytes, to make versions of file sets of them, and to look at these. */
export function fileSetRoutes({
  fileSets,
  fileSetRetention,
  blobs,
  limit,
}: FileSetRoutesDeps): FastifyPluginAsyncTypebox {
  return async (app) => {
    await app.register(blobRoutes(blobs, limit))
    await app.register(addRoute(fileSets, limit))
    await app.register(retentionRoutes(fileSetRetention))
    app.get(
      '/v1/file-sets',
      { schema: { tags, summary: 'File sets with their latest versions, by name', querystring: PageQuery } },
      ({ query }) => fileSets.list(query),
    )
    app.get(
      '/v1/file-sets/:name/versions',
      { schema: { tags, summary: 'Versions, latest first', params: FileSet, querystring: PageQuery } },
      ({ params, query }) => fileSets.listVersions(params.name, query),
    )
    app.get(
      '/v1/file-sets/:name/versions/:version',
      {
        schema: {
          tags,
          summary: 'One version, by its id, the beginning of it, a tag, or "latest"',
          params: Version,
        },
      },
      ({ params }) => fileSets.getVersion({ fileSet: params.name, version: params.version }),
    )
    app.get(
      '/v1/file-sets/:name/versions/:version/files',
      { schema: { tags, summary: 'Files by path', params: Version, querystring: FilePageQuery } },
      ({ params, query }) => fileSets.listFiles({ fileSet: params.name, version: params.version }, query),
    )
    app.route({
      method: ['GET', 'HEAD'],
      url: '/v1/file-sets/:name/versions/:version/files/*',
      schema: {
        tags,
        summary: 'One file',
        params: Type.Object({ name: Type.String(), version: Type.String(), '*': Type.String() }),
      },
      async handler({ params }, reply) {
        const { path, digest, size } = await fileSets.getFile(
          { fileSet: params.name, version: params.version },
          params['*'],
        )
        return sendFile(reply.request, reply, blobSource(blobs, { path, digest, size }))
      },
    })
    app.get(
      '/v1/file-sets/:name/diff',
      {
        schema: {
          tags,
          summary: 'Files that differ between two versions, by path',
          params: FileSet,
          querystring: Type.Object({
            from: Type.String(),
            to: Type.String({ default: 'latest' }),
            ...FilePageQuery.properties,
          }),
        },
      },
      ({ params, query: { from, to, ...page } }) => fileSets.diff({ fileSet: params.name, from, to }, page),
    )
  }
}

function addRoute(fileSets: FileSetService, limit: number): FastifyPluginAsyncTypebox {
  return async (app) => {
    acceptStreams(app)
    app.post(
      '/v1/file-sets/:name/versions',
      {
        schema: {
          tags,
          summary:
            'Make files whose bytes are here a version; the body is a line {path, digest, size} for each',
          params: FileSet,
          querystring: Type.Object({ message: Type.Optional(Type.String({ maxLength: 10_000 })) }),
        },
      },
      (request) => {
        const { name } = request.params
        const body = requestBody(request, { path: name, limit })
        return fileSets.add({ fileSet: name, ...request.query }, manifestEntries(name, body))
      },
    )
  }
}
