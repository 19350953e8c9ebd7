import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { acceptStreams, requestBody, sendBody, sendFile } from '../../artifacts/index.ts'
import { blobSource } from './blob-source.ts'
import type { BlobStore } from './blob-store.ts'

const tags = ['File sets']
const mostDigests = 20_000
const digestPattern = '^[0-9a-f]{64}$'
const Digests = Type.Object(
  { digests: Type.Array(Type.String({ pattern: digestPattern }), { maxItems: mostDigests }) },
  { additionalProperties: false },
)
const Digest = Type.Object({ digest: Type.String({ pattern: digestPattern }) })

/** Routes for the bytes of files, by their SHA-256. */
export function blobRoutes(blobs: BlobStore, limit: number): FastifyPluginAsyncTypebox {
  return async (app) => {
    await app.register(bodyRoutes(blobs, limit))
    app.post(
      '/v1/blobs/missing',
      { schema: { tags, summary: 'Those of the digests whose bytes have to be sent', body: Digests } },
      async ({ body }) => {
        const found = await blobs.use(body.digests)
        return { missing: body.digests.filter((digest) => !found.has(digest)) }
      },
    )
    app.post(
      '/v1/blobs/read',
      {
        schema: { tags, summary: 'The bytes of all, one after the other in the order asked', body: Digests },
      },
      async (request, reply) => {
        const { size, body } = await blobs.openMany(request.body.digests)
        return sendBody(reply.type('application/octet-stream'), body, size)
      },
    )
    app.route({
      method: ['GET', 'HEAD'],
      url: '/v1/blobs/:digest',
      schema: { tags, summary: 'The bytes of one digest', params: Digest },
      async handler({ params }, reply) {
        const { digest, size } = await blobs.get(params.digest)
        return sendFile(reply.request, reply, blobSource(blobs, { path: digest, digest, size }))
      },
    })
  }
}

function bodyRoutes(blobs: BlobStore, limit: number): FastifyPluginAsyncTypebox {
  return async (app) => {
    acceptStreams(app)
    app.put(
      '/v1/blobs/:digest',
      { schema: { tags, summary: 'Keep the bytes of a file of any size', params: Digest } },
      async (request) => {
        const { digest } = request.params
        const body = requestBody(request, { path: digest, limit })
        const { size } = await blobs.putStream(body, { digest })
        return { digest, size }
      },
    )
    app.post(
      '/v1/blob-batches',
      {
        schema: {
          tags,
          summary: 'Keep many small files; the body is a line [[digest, size], …], then the bytes of all',
        },
      },
      (request) => blobs.putBatch(requestBody(request, { path: 'batch', limit })),
    )
  }
}
