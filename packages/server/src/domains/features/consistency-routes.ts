import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { FeatureService } from './service.ts'

const tags = ['Features']
const Named = Type.Object({ name: Type.String() })

/** Routes to compare logged reads of feature services with training. */
export function consistencyRoutes(
  features: Pick<FeatureService, 'checkReads' | 'listReadChecks'>,
): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.post(
      '/v1/feature-services/:name/consistency',
      {
        schema: {
          tags,
          summary: 'Compare logged online reads with what training would have had',
          description:
            'Of a feature service with `logReads`. Event times in milliseconds, `from <= t < until`. `sample`: share of the logged keys, all by default. `tolerated`: share of reads of a feature that may differ, 0.01 by default.',
          params: Named,
          body: Type.Object(
            {
              from: Type.Number(),
              until: Type.Number(),
              sample: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
              tolerated: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
            },
            { additionalProperties: false },
          ),
        },
      },
      ({ params, body }) => features.checkReads(params.name, body),
    )
    app.get(
      '/v1/feature-services/:name/consistency',
      {
        schema: {
          tags,
          summary: 'Comparisons of logged online reads with training, newest first',
          params: Named,
          querystring: Type.Object({
            limit: Type.Integer({ minimum: 1, maximum: 100, default: 10 }),
            pageToken: Type.Optional(Type.String({ maxLength: 20 })),
          }),
        },
      },
      ({ params, query }) => features.listReadChecks(params.name, query),
    )
  }
}
