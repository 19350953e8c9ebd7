import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { acceptStreams, requestBody } from './http.ts'
import type { ArtifactService } from './service.ts'

/** Where a client puts the parts of an upload. */
export const uploadPartUrl = (upload: string, part: number) => `/v1/artifact-uploads/${upload}/parts/${part}`

/**
 * The route for parts of uploads. Clients of object stores send no token with parts but use the address that they were
 * given, as here: the id of the upload, which nobody can guess and which ends with the upload, is the permission.
 */
export function artifactRoutes(artifacts: ArtifactService): FastifyPluginAsyncTypebox {
  return async (app) => {
    acceptStreams(app)
    app.put(
      '/v1/artifact-uploads/:id/parts/:part',
      {
        config: { ownPermission: true },
        schema: {
          tags: ['Artifacts'],
          summary: 'One part of an upload; the ETag of the answer is its digest',
          params: Type.Object({ id: Type.String(), part: Type.Integer() }),
        },
      },
      async (request, reply) => {
        const { id, part } = request.params
        const limit = artifacts.limit
        const body = requestBody(request, { path: `part ${part}`, limit })
        const { digest } = await artifacts.putPart(id, part, body, { limit })
        return reply.header('etag', `"${digest}"`).send({})
      },
    )
  }
}
