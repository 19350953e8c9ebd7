import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { FeatureService } from './service.ts'

const tags = ['Features']
const Named = Type.Object({ name: Type.String() })
const Time = Type.Integer({ minimum: 0, maximum: 8.64e15 })

/** Routes that write views to the online store, and say how far that is. */
export function materializationRoutes(
  features: Pick<
    FeatureService,
    'materialize' | 'startMaterialization' | 'getMaterialization' | 'cancelMaterialization' | 'listProfiles'
  >,
): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.post(
      '/v1/feature-views/:name/materialize',
      {
        schema: {
          tags,
          summary: 'Write the values as of a time to the online store',
          description:
            'Without `from`: what is missing up to `until` (milliseconds, now by default). With `from`: the newest rows of those that became known from then on, whatever was written before. `everyMs` cuts the time into intervals: what is done of them is kept, and the same call goes on where one that was cancelled, or ended with the server, stopped. With `wait: false` the answer comes at once, and is that of `GET …/materialization`.',
          params: Named,
          body: Type.Object(
            {
              until: Type.Optional(Time),
              from: Type.Optional(Time),
              everyMs: Type.Optional(Type.Integer({ minimum: 1000, maximum: 8.64e15 })),
              version: Type.Optional(Type.String({ maxLength: 64 })),
              wait: Type.Optional(Type.Boolean()),
            },
            { additionalProperties: false },
          ),
        },
      },
      ({ params, body: { wait = true, ...input } }) => {
        const asked = { view: params.name, ...input }
        return wait ? features.materialize(asked) : features.startMaterialization(asked)
      },
    )
    app.get(
      '/v1/feature-views/:name/materialization',
      {
        schema: {
          tags,
          summary: 'How far a view is in the online store, and what is at work on it',
          params: Named,
        },
      },
      ({ params }) => features.getMaterialization(params.name),
    )
    app.get(
      '/v1/feature-views/:name/profiles',
      {
        schema: {
          tags,
          summary:
            'What the materializations of a view wrote: nulls, distinct values, ranges, distribution, drift',
          description:
            'Newest first. Nulls, least, greatest and mean are of all rows that were written; distinct values, quantiles and bins of a sample of at most 40,000. `drift` is the population stability index against the materialization before.',
          params: Named,
          querystring: Type.Object(
            { limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 50 })) },
            { additionalProperties: false },
          ),
        },
      },
      async ({ params, query }) => ({ items: await features.listProfiles(params.name, query.limit ?? 1) }),
    )
    app.post(
      '/v1/feature-views/:name/cancel-materialization',
      {
        schema: {
          tags,
          summary: 'End what is at work on a view; what is written stays, and the next call goes on',
          params: Named,
        },
      },
      async ({ params }) => ({
        view: params.name,
        cancelled: await features.cancelMaterialization(params.name),
      }),
    )
  }
}
