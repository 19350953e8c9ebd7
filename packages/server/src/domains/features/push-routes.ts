import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { FeatureService } from './service.ts'

const tags = ['Features']
const closed = { additionalProperties: false } as const
const Named = Type.Object({ name: Type.String() })
const Rows = Type.Array(Type.Record(Type.String(), Type.Unknown()), { minItems: 1, maxItems: 10_000 })

/** Routes that write rows as they come, between materializations. */
export function pushRoutes(
  features: Pick<FeatureService, 'push' | 'writeValues' | 'removeExpired'>,
): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.post(
      '/v1/feature-views/:name/push',
      {
        schema: {
          tags,
          summary: 'Push rows of the dataset to the online store, the dataset, or both',
          description:
            'Rows have the columns of the dataset’s source; for `online` alone, those that the view reads are enough. Online, they are the newest rows of their keys unless newer ones are there; windows follow with the next materialization. Offline, they are a new version of the dataset. `both`: all or nothing, also when the server ends in between. The same rows pushed again change nothing.',
          params: Named,
          body: Type.Object(
            {
              rows: Rows,
              to: Type.Optional(
                Type.Union([Type.Literal('online'), Type.Literal('offline'), Type.Literal('both')]),
              ),
            },
            closed,
          ),
        },
      },
      ({ params, body }) => features.push({ view: params.name, rows: body.rows, to: body.to ?? 'both' }),
    )
    app.post(
      '/v1/feature-views/:name/values',
      {
        schema: {
          tags,
          summary: 'Write feature values that were computed elsewhere to the online store',
          description:
            'Rows have the keys, the timestamp column of the view, and its features: all newest-row features, all windows, or both. Older values never replace newer ones.',
          params: Named,
          body: Type.Object({ rows: Rows }, closed),
        },
      },
      ({ params, body }) => features.writeValues(params.name, body.rows),
    )
    app.post(
      '/v1/feature-views/:name/remove-expired',
      {
        schema: {
          tags,
          summary: 'Remove newest rows that are older than the ttl of the view from the online store',
          description:
            'Nobody is given them, unless for a time in the past. Afterwards their keys are NOT_FOUND.',
          params: Named,
        },
      },
      async ({ params }) => ({ view: params.name, removed: await features.removeExpired(params.name) }),
    )
  }
}
