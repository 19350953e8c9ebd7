import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { experimentRoutes } from './experiment-routes.ts'
import { loggedModelRoutes } from './logged-model-routes.ts'
import { metricRoutes } from './metric-routes.ts'
import { runGroupRoutes } from './run-group-routes.ts'
import { runRoutes } from './run-routes.ts'
import type { TrackingService } from './service.ts'
import { type TailDeps, tailRoutes } from './tail-routes.ts'

/**
 * Routes to keep and look at experiments, runs, metrics and logged models. NaN and the infinities travel as their
 * names.
 */
export function trackingRoutes(
  tracking: TrackingService,
  tail: Partial<TailDeps> = {},
): FastifyPluginAsyncTypebox {
  return async (app) => {
    await app.register(experimentRoutes(tracking))
    await app.register(runRoutes(tracking))
    await app.register(runGroupRoutes(tracking))
    await app.register(metricRoutes(tracking))
    await app.register(loggedModelRoutes(tracking))
    await app.register(tailRoutes(tracking, tail))
  }
}
