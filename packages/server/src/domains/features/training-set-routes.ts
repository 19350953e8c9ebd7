import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { boundsOf, sendFile } from '../artifacts/index.ts'
import type { FeatureService } from './service.ts'

const tags = ['Features']
const Digest = Type.Object({ digest: Type.String({ maxLength: 64 }) })

/** Routes to find training sets and to take their rows elsewhere. */
export function trainingSetRoutes(features: FeatureService): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/v1/training-sets',
      {
        schema: {
          tags,
          summary: 'Training sets, newest first; with `name` those of one definition',
          querystring: Type.Object({
            name: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
            limit: Type.Integer({ minimum: 1, maximum: 1000, default: 50 }),
            pageToken: Type.Optional(Type.String({ maxLength: 20 })),
          }),
        },
      },
      ({ query: { name, ...page } }) => features.listTrainingSets({ name }, page),
    )
    app.get(
      '/v1/training-sets/:digest',
      { schema: { tags, summary: 'What a training set is made of', params: Digest } },
      (request) => features.getTrainingSet(request.params.digest),
    )
    app.route({
      method: ['GET', 'HEAD'],
      url: '/v1/training-sets/:digest/data',
      schema: {
        tags,
        summary: 'The rows as a Parquet file, or ranges of it; or as a file of Arrow IPC (Feather)',
        params: Digest,
        querystring: Type.Object({
          format: Type.Union([Type.Literal('parquet'), Type.Literal('arrow')], { default: 'parquet' }),
        }),
      },
      async handler(request, reply) {
        const { file, name, writeArrow } = await features.openTrainingSet(request.params.digest)
        if (request.query.format === 'arrow') {
          reply
            .type('application/vnd.apache.arrow.file')
            .header('content-disposition', `attachment; filename="${name}.arrow"`)
          // How long it gets is known when it is written.
          return request.method === 'HEAD' ? reply.send() : reply.send(Readable.from(writeArrow()))
        }
        const { path, size, digest } = file
        const found = { path: `${name}.parquet`, size, digest }
        return sendFile(request, reply, {
          find: async () => found,
          open: async (range) => {
            const { start, end } = boundsOf(found, range)
            const body = createReadStream(path, { start, end: end - 1 })
            return { artifact: found, range: { start, end }, body }
          },
        })
      },
    })
  }
}
