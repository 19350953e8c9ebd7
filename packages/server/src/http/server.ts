import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { fastify, LogController } from 'fastify'
import type { Registry } from 'prom-client'
import { Type } from 'typebox'
import type { Logger } from '../kernel/logger.ts'
import { checkLocal, createTokenCheck } from './auth.ts'
import { type BodyBudgetOptions, createBodyBudget, usualBudget } from './body-budget.ts'
import { sendError } from './errors.ts'
import { createUnknownRoutes } from './unknown-route.ts'
import { refuseDeepBodies, validatorCompiler } from './validation.ts'

const bodyLimit = 8 * 1024 * 1024
const maxParamLength = 512

export interface HttpOptions {
  version: string
  logger: Logger
  /** Demanded as a bearer token on every route but the probes; null = open (loopback only, see config). */
  token: string | null
  metrics: Registry
  bodyBudget?: BodyBudgetOptions
  /** True when every endpoint is loaded and the database answers. */
  isReady(): Promise<boolean>
  routes: readonly FastifyPluginAsyncTypebox[]
}

/** The HTTP surface: probes, metrics, OpenAPI with its docs page, and the routes of the domains. */
export async function createHttpServer(options: HttpOptions) {
  const app = fastify({
    loggerInstance: options.logger,
    logController: new LogController({ disableRequestLogging: true }),
    // A logger per request would only add a number that no other line has.
    childLoggerFactory: (logger) => logger,
    bodyLimit,
    forceCloseConnections: 'idle',
    // Errors before a route is found, e.g. a path segment that is too long.
    frameworkErrors: (error, request, reply) => void sendError(error, request, reply),
    routerOptions: { maxParamLength },
  })
  app.setValidatorCompiler(validatorCompiler)
  app.setErrorHandler(sendError)
  const unknown = createUnknownRoutes({ maxParamLength })
  app.addHook('onRoute', unknown.note)
  app.decorate('refuseUnknown', unknown.refuse)
  app.setNotFoundHandler(unknown.refuse)
  app.addHook('onRequest', options.token === null ? checkLocal : createTokenCheck(options.token))
  app.addHook('preParsing', createBodyBudget(options.bodyBudget ?? usualBudget))
  app.addHook('preValidation', refuseDeepBodies)

  await app.register(swagger, {
    openapi: {
      info: {
        title: 'Millrace',
        version: options.version,
        description:
          'Errors have the body `{ error_code, message, details }`. Times are milliseconds since the epoch, UTC.',
        license: { name: 'Apache-2.0' },
      },
      ...(options.token === null
        ? {}
        : {
            components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
            security: [{ token: [] }],
          }),
    },
  })
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    theme: {
      title: 'Millrace',
      css: [{ filename: 'page.css', content: '.swagger-ui .topbar { display: none }' }],
    },
  })

  const tags = ['Operations']
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
  app.get(
    '/health',
    {
      schema: {
        tags,
        summary: 'The process answers',
        response: { 200: Type.String() },
      },
    },
    async (_, reply) => reply.type('text/plain; charset=utf-8').send('OK'),
  )
  app.get(
    '/ready',
    { schema: { tags, summary: '200 when every endpoint is loaded, else 503' } },
    async (_, reply) => {
      const ready = await options.isReady()
      return reply.status(ready ? 200 : 503).send({ ready })
    },
  )
  app.get(
    '/metrics',
    { schema: { tags, summary: 'Metrics in the Prometheus text format' } },
    async (_, reply) => {
      reply.type(options.metrics.contentType)
      return options.metrics.metrics()
    },
  )
  for (const routes of options.routes) await app.register(routes)
  return app
}

export type HttpServer = Awaited<ReturnType<typeof createHttpServer>>
