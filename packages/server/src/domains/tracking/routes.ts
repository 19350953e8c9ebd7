import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { type Metric, toWireNumber } from './metric.ts'
import type { TrackingService } from './service.ts'

const tags = ['Tracking']
const PageQuery = {
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 50 }),
  pageToken: Type.Optional(Type.String({ maxLength: 20 })),
}
const RunParams = Type.Object({ id: Type.String() })

const toWire = (metric: Metric) => ({ ...metric, value: toWireNumber(metric.value) })

/** Routes to look at experiments, runs and metrics. NaN and the infinities travel as their names. */
export function trackingRoutes(tracking: TrackingService): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/v1/experiments',
      { schema: { tags, summary: 'Experiments, newest first', querystring: Type.Object(PageQuery) } },
      (request) => tracking.listExperiments(request.query),
    )
    app.get(
      '/v1/runs',
      {
        schema: {
          tags,
          summary: 'Runs, newest first, of one experiment (by id) or of all',
          querystring: Type.Object({ experiment: Type.Optional(Type.String()), ...PageQuery }),
        },
      },
      ({ query: { experiment, ...page } }) => tracking.listRuns({ experiment }, page),
    )
    app.get(
      '/v1/runs/:id',
      {
        schema: {
          tags,
          summary: 'One run with its parameters, tags and latest metrics',
          params: RunParams,
        },
      },
      async (request) => {
        const run = await tracking.getRun(request.params.id)
        return { ...run, metrics: run.metrics.map(toWire) }
      },
    )
    app.get(
      '/v1/runs/:id/metrics/*',
      {
        schema: {
          tags,
          summary: 'All values of one metric, by step; a name may contain slashes',
          params: Type.Object({ id: Type.String(), '*': Type.String() }),
          querystring: Type.Object(PageQuery),
        },
      },
      async (request) => {
        const { id: run, '*': key } = request.params
        const { items, ...rest } = await tracking.metricHistory({ run, key }, request.query)
        return { items: items.map(toWire), ...rest }
      },
    )
  }
}
