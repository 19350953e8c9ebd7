import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { SearchBody } from '../../search/index.ts'
import { toWireNumber } from '../metric.ts'
import type { TrackingSearch } from './service.ts'

const tags = ['Tracking']
const View = Type.Enum(['active', 'deleted', 'all'], { default: 'active' })
const Experiments = Type.Optional(
  Type.Array(Type.String({ maxLength: 100 }), { maxItems: 1000, description: 'Ids; all without it' }),
)
const Keys = Type.Optional(Type.Array(Type.String({ maxLength: 250 }), { maxItems: 1000 }))
const Dataset = Type.Object(
  { name: Type.String({ maxLength: 500 }), digest: Type.Optional(Type.String({ maxLength: 100 })) },
  { additionalProperties: false },
)

const toWire = <Item extends { metrics: { value: number }[] }>(item: Item) => ({
  ...item,
  metrics: item.metrics.map((metric) => ({ ...metric, value: toWireNumber(metric.value) })),
})

/** Routes to search runs, experiments and logged models. NaN and the infinities travel as their names. */
export function trackingSearchRoutes(search: TrackingSearch): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.post(
      '/v1/runs/search',
      {
        schema: {
          tags,
          summary: 'Runs that fit a filter, with parameters, tags, latest metrics, inputs and outputs',
          body: Type.Object(
            {
              ...SearchBody,
              experiments: Experiments,
              view: View,
              keys: Type.Optional(
                Type.Object(
                  { metrics: Keys, params: Keys, tags: Keys },
                  {
                    additionalProperties: false,
                    description: 'The keys to answer; all of a kind without its list',
                  },
                ),
              ),
            },
            { additionalProperties: false },
          ),
        },
      },
      async ({ body }) => {
        const page = await search.searchRuns(body)
        return { ...page, items: page.items.map(toWire) }
      },
    )
    app.post(
      '/v1/experiments/search',
      {
        schema: {
          tags,
          summary: 'Experiments that fit a filter',
          body: Type.Object({ ...SearchBody, view: View }, { additionalProperties: false }),
        },
      },
      ({ body }) => search.searchExperiments(body),
    )
    app.post(
      '/v1/logged-models/search',
      {
        schema: {
          tags,
          summary: 'Logged models that fit a filter, with parameters, tags and metrics',
          body: Type.Object(
            {
              ...SearchBody,
              experiments: Experiments,
              view: View,
              datasets: Type.Optional(
                Type.Array(Dataset, {
                  maxItems: 100,
                  description: 'Conditions on metrics look at values on these datasets only',
                }),
              ),
            },
            { additionalProperties: false },
          ),
        },
      },
      async ({ body }) => {
        const page = await search.searchLoggedModels(body)
        return { ...page, items: page.items.map(toWire) }
      },
    )
    app.get(
      '/v1/experiments/:id/importance',
      {
        schema: {
          tags,
          summary: 'Which parameters decide on a metric, by a random forest over the newest runs',
          params: Type.Object({ id: Type.String() }),
          querystring: Type.Object({ metric: Type.String({ minLength: 1, maxLength: 250 }) }),
        },
      },
      ({ params, query }) => search.parameterImportance({ experiment: params.id, metric: query.metric }),
    )
  }
}
