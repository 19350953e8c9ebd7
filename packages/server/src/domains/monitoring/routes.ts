import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { renderReport } from './report.ts'
import type { MonitoringService } from './service.ts'
import type { StoredWindow } from './store.ts'

const tags = ['Monitoring']
const contentPolicy = "default-src 'none'; style-src 'unsafe-inline'"
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
    app.get(
      '/v1/monitors/:name/report',
      { schema: { tags, summary: 'The same as one page to look at (HTML)', params } },
      async (request, reply) => {
        const { name } = request.params
        const windows = await monitoring.listWindows(name)
        reply.type('text/html; charset=utf-8').header('content-security-policy', contentPolicy)
        return renderReport(name, windows, await monitoring.listDecisions(name))
      },
    )
  }
}

/** Without the profiles: they are what drift is computed from, not something to look at. */
function toWire({ profiles, ...window }: StoredWindow): Omit<StoredWindow, 'profiles'> {
  return window
}
