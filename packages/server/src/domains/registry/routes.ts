import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { insightRoutes } from './routes/insight-routes.ts'
import { modelRoutes } from './routes/model-routes.ts'
import { pointerRoutes } from './routes/pointer-routes.ts'
import { versionRoutes } from './routes/version-routes.ts'
import type { RegistryService } from './service.ts'

/** Registered models, their versions, the pointers to them, lineage and checks. */
export function registryRoutes(registry: RegistryService): FastifyPluginAsyncTypebox {
  return async (app) => {
    for (const routes of [modelRoutes, versionRoutes, pointerRoutes, insightRoutes]) {
      await app.register(routes(registry))
    }
  }
}
