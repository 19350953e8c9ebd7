import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { FeastDeps } from './deps.ts'
import { importRegistry } from './import.ts'

const bodyLimit = 64 * 1024 * 1024

/** The route by which the definitions of a Feast project come in. */
export function feastImportRoutes(
  deps: Pick<FeastDeps, 'importedServices' | 'definitions'>,
): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.addContentTypeParser('application/octet-stream', { parseAs: 'buffer', bodyLimit }, (_, body, done) =>
      done(null, body),
    )
    app.post(
      '/v1/imports/feast',
      {
        bodyLimit,
        schema: {
          tags: ['Imports'],
          summary: 'Entities, sources, feature views and services of a Feast registry',
          description:
            'The body is the registry file, as application/octet-stream. What has no place here is left out and named with the reason; Python functions are never run.',
          querystring: Type.Object({
            project: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
            dryRun: Type.Boolean({ default: false }),
            allowDestroy: Type.Boolean({ default: false }),
          }),
        },
      },
      (request) => {
        const { project, dryRun, allowDestroy } = request.query
        const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
        return importRegistry(deps, { bytes, project, dryRun, allowDestroy })
      },
    )
  }
}
