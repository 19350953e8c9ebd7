import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { FileFormat, IngestMode } from '@millrace/protocol'
import { Type } from 'typebox'
import { acceptStreams, requestBody } from '../artifacts/index.ts'
import type { DataService } from './service.ts'

/** The route that takes a file as a version. */
export function dataUploadRoutes({
  data,
  limit,
}: {
  data: Pick<DataService, 'ingest'>
  /** Most bytes of a file. */
  limit: number
}): FastifyPluginAsyncTypebox {
  return async (app) => {
    acceptStreams(app)
    app.post(
      '/v1/datasets/:name/uploads',
      {
        schema: {
          tags: ['Data'],
          summary: 'Register the file in the body as a version, or append its rows',
          params: Type.Object({ name: Type.String() }),
          querystring: Type.Object(
            {
              /** The file's name: its end says the format where the dataset does not. */
              file: Type.String({ minLength: 1, maxLength: 255, pattern: '^[^/\\\\\\0]+$' }),
              format: Type.Optional(FileFormat),
              mode: Type.Optional(IngestMode),
            },
            { additionalProperties: false },
          ),
        },
      },
      (request) => {
        const { file, format, mode } = request.query
        const body = requestBody(request, { path: file, limit })
        return data.ingest({ dataset: request.params.name, upload: { body, name: file }, format, mode })
      },
    )
  }
}
