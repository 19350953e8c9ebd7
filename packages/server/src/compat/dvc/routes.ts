import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify'
import { acceptStreams, requestBody, sendFile } from '../../domains/artifacts/index.ts'
import { type BlobStore, blobSource, type DvcService } from '../../domains/file-sets/index.ts'

interface ObjectParams {
  project: string
  begin: string
  rest: string
}

/**
 * An HTTP remote of DVC 3 for each project: `dvc remote add r <this server>/dvc/<project>`. Clients write by POST (or PUT,
 * where `method` says so) in chunks, ask by GET whether an object is there, and by HEAD for its size; nothing is listed.
 */
export function dvcRemoteRoutes({
  dvc,
  blobs,
  limit,
}: {
  dvc: DvcService
  blobs: BlobStore
  /** Most bytes of one object. */
  limit: number
}): FastifyPluginAsync {
  const objectOf = (request: FastifyRequest) => {
    const { project, begin, rest } = request.params as ObjectParams
    return { project, object: begin + rest }
  }
  return async (app: FastifyInstance) => {
    acceptStreams(app)
    const url = '/dvc/:project/files/md5/:begin/:rest'
    const schema = { hide: true }
    app.route({
      method: ['GET', 'HEAD'],
      url,
      schema,
      async handler(request, reply) {
        const { project, object } = objectOf(request)
        const { digest, size } = await dvc.get(project, object)
        return sendFile(request, reply, blobSource(blobs, { path: object, digest, size }))
      },
    })
    app.route({
      method: ['POST', 'PUT'],
      url,
      schema,
      async handler(request) {
        const { project, object } = objectOf(request)
        await dvc.put(project, object, requestBody(request, { path: object, limit }))
        return {}
      },
    })
  }
}
