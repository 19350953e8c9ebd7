import { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { contentTypeOf } from './content-type.ts'
import { type Metric, toWireNumber } from './metric.ts'
import type { TrackingService } from './service.ts'

const tags = ['Tracking']
const PageQuery = {
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 50 }),
  pageToken: Type.Optional(Type.String({ maxLength: 20 })),
}
const RunParams = Type.Object({ id: Type.String() })

const toWire = (metric: Metric) => ({ ...metric, value: toWireNumber(metric.value) })

/** Routes to look at experiments, runs, metrics and artifacts. NaN and the infinities travel as their names. */
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
    app.get(
      '/v1/runs/:id/artifacts',
      {
        schema: {
          tags,
          summary: 'Artifacts of a run with digest and size, by path',
          params: RunParams,
          querystring: Type.Object(PageQuery),
        },
      },
      (request) => tracking.listArtifacts(request.params.id, request.query),
    )
    app.get(
      '/v1/runs/:id/artifacts/*',
      {
        schema: {
          tags,
          summary: 'The bytes of one artifact',
          params: Type.Object({ id: Type.String(), '*': Type.String() }),
        },
      },
      async (request, reply) => {
        const { id, '*': path } = request.params
        const { artifact, body } = await tracking.readArtifact(id, path)
        return (
          reply
            .type(contentTypeOf(path))
            .header('content-length', artifact.size)
            .header('etag', `"${artifact.digest}"`)
            // An artifact is whatever a run wrote: a browser must not run scripts in it.
            .header('content-security-policy', "sandbox; default-src 'none'; style-src 'unsafe-inline'")
            .header('x-content-type-options', 'nosniff')
            .send(Readable.from(body))
        )
      },
    )
  }
}
