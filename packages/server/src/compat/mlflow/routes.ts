import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { mountEndpoints } from './endpoint.ts'
import { sendMlflowError } from './errors.ts'
import { metaEndpoints, mlflowVersion, mountOutOfScope } from './meta.ts'
import { jsonLimit } from './wire/request.ts'

// biome-ignore lint/suspicious/noEmptyInterface: filled as areas are added
export interface MlflowDeps {}

/**
 * MLflow's REST API, as its Python client, its CLI and its web pages call it. Translation only: what is allowed is
 * decided by the domains.
 */
export function mlflowRoutes(_deps: MlflowDeps): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/version', { schema: { hide: true } }, (_, reply) =>
      reply.type('text/plain; charset=utf-8').send(mlflowVersion),
    )
    await app.register(async (api: FastifyInstance) => {
      api.setErrorHandler(sendMlflowError)
      // Bodies stay text until the fields of the call are known.
      api.removeAllContentTypeParsers()
      api.addContentTypeParser('*', { parseAs: 'string', bodyLimit: jsonLimit }, (_, body, done) =>
        done(null, body),
      )
      mountEndpoints(api, metaEndpoints)
      mountOutOfScope(api)
    })
  }
}
