import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { TrackingService } from './service.ts'
import { IdParams, KeyParams, PageQuery, tags, toWireMetric } from './wire.ts'

export function metricRoutes(tracking: TrackingService): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/v1/runs/:id/metrics/*',
      {
        schema: {
          tags,
          summary: 'All values of one metric, by step; a name may contain slashes',
          params: KeyParams,
          querystring: Type.Object(PageQuery),
        },
      },
      async (request) => {
        const { id: run, '*': key } = request.params
        const { items, ...rest } = await tracking.metricHistory({ run, key }, request.query)
        return { items: items.map(toWireMetric), ...rest }
      },
    )
    app.get(
      '/v1/runs/:id/series',
      {
        schema: {
          tags,
          summary: 'One metric cut into parts by step, with minimum, maximum, mean and count of each',
          params: IdParams,
          querystring: Type.Object({
            key: Type.String(),
            pixels: Type.Integer({ minimum: 1, maximum: 10_000, default: 1000 }),
            from: Type.Optional(Type.Integer({ description: 'First step' })),
            to: Type.Optional(Type.Integer({ description: 'Last step' })),
          }),
        },
      },
      (request) => tracking.metricSeries({ run: request.params.id, ...request.query }),
    )
    app.post(
      '/v1/metrics/sample',
      {
        schema: {
          tags,
          summary: 'Values of one metric of several runs at evenly spaced steps of all of them',
          body: Type.Object({
            runs: Type.Array(Type.String(), { minItems: 1, maxItems: 100 }),
            key: Type.String(),
            points: Type.Integer({ minimum: 1, maximum: 2500, default: 300 }),
            from: Type.Optional(Type.Integer()),
            to: Type.Optional(Type.Integer()),
          }),
        },
      },
      async (request) => ({ items: (await tracking.sampleMetric(request.body)).map(toWireMetric) }),
    )
  }
}
