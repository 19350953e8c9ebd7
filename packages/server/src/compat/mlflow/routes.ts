import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { acceptStreams } from '../../domains/artifacts/index.ts'
import { artifactProxyEndpoints, mountArtifactProxy } from './artifact-proxy.ts'
import { artifactEndpoints, mountFiles } from './artifacts.ts'
import type { MlflowDeps } from './deps.ts'
import { mountEndpoints } from './endpoint.ts'
import { sendMlflowError } from './errors.ts'
import { experimentEndpoints } from './experiments.ts'
import { mountGraphql } from './graphql/routes.ts'
import { loggedModelEndpoints } from './logged-models.ts'
import { metaEndpoints, mlflowVersion, mountOutOfScope } from './meta.ts'
import { metricEndpoints } from './metrics.ts'
import { modelVersionEndpoints } from './model-versions.ts'
import { registeredModelEndpoints } from './registered-models.ts'
import { runEntryEndpoints } from './run-entries.ts'
import { runEndpoints } from './runs.ts'
import { unusedEndpoints } from './unused.ts'
import { webhookEndpoints } from './webhooks.ts'
import { jsonLimit } from './wire/request.ts'

/**
 * MLflow's REST API, as its Python client, its CLI and its web pages call it. Translation only: what is allowed is
 * decided by the domains.
 */
export function mlflowRoutes(deps: MlflowDeps): FastifyPluginAsyncTypebox {
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
      const endpoints = [
        ...experimentEndpoints(deps),
        ...runEndpoints(deps),
        ...runEntryEndpoints(deps),
        ...metricEndpoints(deps),
        ...artifactEndpoints(deps),
        ...artifactProxyEndpoints(deps),
        ...loggedModelEndpoints(deps),
        ...registeredModelEndpoints(deps),
        ...modelVersionEndpoints(deps),
        ...webhookEndpoints(deps),
        ...metaEndpoints,
        ...unusedEndpoints,
      ]
      mountEndpoints(api, endpoints)
      mountGraphql(api, endpoints)
      mountOutOfScope(api)
    })
    for (const area of ['mlflow', 'mlflow-artifacts']) {
      for (const prefix of [
        `/api/2.0/${area}`,
        `/ajax-api/2.0/${area}`,
        `/api/3.0/${area}`,
        `/ajax-api/3.0/${area}`,
      ]) {
        await app.register(refuseUnknown, { prefix })
      }
    }
    await app.register(async (files: FastifyInstance) => {
      files.setErrorHandler(sendMlflowError)
      acceptStreams(files)
      mountFiles(files, deps)
      mountArtifactProxy(files, deps)
    })
  }
}

/** What MLflow does not have either is refused in its way; its client then tries another method, if the call has one. */
async function refuseUnknown(app: FastifyInstance): Promise<void> {
  app.setErrorHandler(sendMlflowError)
  app.setNotFoundHandler((request, reply) => app.refuseUnknown(request, reply))
}
