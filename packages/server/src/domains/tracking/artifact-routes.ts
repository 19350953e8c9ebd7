import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { acceptStreams, requestBody, sendFile } from '../artifacts/index.ts'
import type { RunArtifactService } from './artifact-service.ts'

const tags = ['Tracking']
const RunParams = Type.Object({ id: Type.String() })
const FileParams = Type.Object({ id: Type.String(), '*': Type.String() })

/** Routes of the files of runs. Bodies go straight through, in both directions; `limit` is in bytes. */
export function runArtifactRoutes(runs: RunArtifactService, limit: number): FastifyPluginAsyncTypebox {
  return async (app) => {
    acceptStreams(app)
    app.get(
      '/v1/runs/:id/artifacts',
      {
        schema: {
          tags,
          summary:
            'Files of a run with digest and size, by path; with `folder` those and the folders of one level',
          params: RunParams,
          querystring: Type.Object({
            folder: Type.Optional(Type.String({ maxLength: 1000 })),
            limit: Type.Integer({ minimum: 1, maximum: 1000, default: 50 }),
            pageToken: Type.Optional(Type.String({ maxLength: 6000 })),
          }),
        },
      },
      (request) => runs.listArtifacts(request.params.id, request.query),
    )
    app.route({
      method: ['GET', 'HEAD'],
      url: '/v1/runs/:id/artifacts/*',
      schema: { tags, summary: 'The bytes of one file, or a range of them', params: FileParams },
      handler: (request, reply) => {
        const { id, '*': path } = request.params
        return sendFile(request, reply, {
          find: () => runs.findArtifact(id, path),
          open: (range) => runs.readArtifact(id, path, range),
        })
      },
    })
    app.put(
      '/v1/runs/:id/artifacts/*',
      { schema: { tags, summary: 'Stores the body, of any type, as a file', params: FileParams } },
      (request) => {
        const { id, '*': path } = request.params
        return runs.logArtifact(id, path, requestBody(request, { path, limit }))
      },
    )
    app.delete(
      '/v1/runs/:id/artifacts/*',
      { schema: { tags, summary: 'Deletes a file, or a folder with all in it', params: FileParams } },
      (request) => runs.deleteArtifact(request.params.id, request.params['*']),
    )
  }
}
