import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { RunGroupService } from './run-group.ts'
import { IdParams, PageQuery, tags } from './wire.ts'

export function runGroupRoutes(tracking: RunGroupService): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/v1/experiments/:id/run-groups',
      {
        schema: {
          tags,
          summary:
            'Groups of runs, the latest first, with least, greatest, mean and deviation of each metric',
          params: IdParams,
          querystring: Type.Object({
            metric: Type.Optional(
              Type.String({
                minLength: 1,
                maxLength: 250,
                description: 'Only this; or the first 100 by name',
              }),
            ),
            ...PageQuery,
            limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
          }),
        },
      },
      ({ params, query: { metric, ...page } }) =>
        tracking.listRunGroups({ experiment: params.id, metric }, page),
    )
  }
}
