import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { MonitoringService } from './service.ts'
import type { StoredWindow } from './store.ts'

const tags = ['Monitoring']
const params = Type.Object({ name: Type.String() })

/** Routes to judge the windows of a monitor, and to read windows and decisions. */
export function monitoringRoutes(monitoring: MonitoringService): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.post(
      '/v1/monitors/:name/evaluate',
      {
        schema: {
          tags,
          summary: 'Judge all windows that ended by an event time, and decide on retraining',
          params,
          body: Type.Object({ until: Type.Integer() }, { additionalProperties: false }),
        },
      },
      async (request) => {
        const { windows, decisions } = await monitoring.evaluate(request.params.name, request.body.until)
        return { windows: windows.map(toWire), decisions }
      },
    )
    app.get(
      '/v1/monitors/:name/windows',
      { schema: { tags, summary: 'Judged windows, oldest first', params } },
      async (request) => ({ items: (await monitoring.listWindows(request.params.name)).map(toWire) }),
    )
    app.get(
      '/v1/monitors/:name/decisions',
      { schema: { tags, summary: 'What was decided after each window, and why', params } },
      async (request) => ({ items: await monitoring.listDecisions(request.params.name) }),
    )
  }
}

/** Without the profiles: they are what drift is computed from, not something to look at. */
function toWire({ profiles, ...window }: StoredWindow): Omit<StoredWindow, 'profiles'> {
  return window
}
